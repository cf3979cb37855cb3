import { alarms, compareAll } from './compare.ts'
import { commitsUnderway } from './hoard.ts'
import { type Counts, Stage, type Suite } from './stage.ts'
import { type DeedName, doStep } from './steps.ts'

export interface Story {
  readonly seed: number
  readonly suite: Suite
  readonly steps: readonly (readonly [DeedName, number])[]
}

/** Plays a history and looks at everybody after every step. */
export async function play(story: Story): Promise<Counts> {
  await using stage = await Stage.open(story.seed, story.suite)
  let at = 0
  try {
    for (const [name, seed] of story.steps) {
      at += 1
      stage.count('steps')
      await doStep(stage, name, seed)
      await look(stage)
      for (const [device, left] of stage.away) {
        if (left > 1) stage.away.set(device, left - 1)
        else comeBack(stage, device)
      }
    }
    for (const device of stage.away.keys()) comeBack(stage, device)
    for (const device of stage.members) await stage.say(device)
    await look(stage)
  } catch (error) {
    if (error instanceof Error)
      error.message = `after step ${at} (${story.steps[at - 1]?.[0]}): ${error.message}\n${tellAll(stage)}`
    throw error
  }
  stage.count('texts', stage.ledger.size)
  return stage.counts
}

function comeBack(stage: Stage, device: Parameters<Stage['isHere']>[0]): void {
  stage.away.delete(device)
  if (device.isRunning) device.connect()
}

async function look(stage: Stage): Promise<void> {
  await stage.rest()
  const heard = stage.heard.splice(0)
  const underway = commitsUnderway(stage.devices)
  for (const hoard of stage.hoards) {
    stage.count('closed to those who are out', hoard.try(heard))
    hoard.shut(underway)
  }
  await compareAll(stage)
  stage.ledger.look(
    stage.devices.filter((device) => stage.isHere(device)),
    stage.hurt,
    stage.out,
  )
  alarms(stage)
}

/** Where everybody stands, for whoever looks into a history that broke. */
function tellAll(stage: Stage): string {
  const rows = stage.devices.flatMap((device) => {
    const { database } = device
    const chats = database.all(
      `select substr(chat, 1, 8) as chat, kind, state, held, epoch, cursor, relay_head, last_n, join_seq,
       (select count(*) from outbox o where o.chat = c.chat) as waiting, substr(successor, 1, 8) as next from chat c`,
    )
    const faults = database.all(
      'select kind, substr(subject, 1, 8) as subject, cast(detail as text) as detail from fault',
    )
    const pending = database.all('select substr(chat, 1, 8) as chat, epoch, purpose from pending_commit')
    const here = stage.isHere(device) ? '' : ' (away)'
    return [`${device.name}${here}`, ...[...chats, ...faults, ...pending].map((row) => `  ${JSON.stringify(row)}`)]
  })
  return [JSON.stringify(stage.counts), ...rows, 'last frames:', ...stage.world.network.trace].join('\n')
}
