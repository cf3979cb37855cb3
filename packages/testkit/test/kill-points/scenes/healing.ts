import type { Device } from '@quintet/testkit'
import { damage } from '../../lying-log.ts'
import type { Play } from '../play.ts'
import type { Scene } from '../scene.ts'

const names = ['alice.phone', 'alice.laptop', 'bob.phone', 'bob.web']

/** What a commit that these devices refuse leaves behind (C12). */
function stop(devices: readonly Device[], chat: string): void {
  for (const device of devices)
    device.database.run("update chat set state = 'blocked', held = 'refused' where chat = ?", chat)
}

async function heal(play: Play): Promise<void> {
  await play.rest()
  await play.says(play.device('bob.phone'), 'alice+bob', 'and on we go')
  await play.says(play.device('alice.laptop'), 'Walk', 'walking on')
}

export const healingScenes: readonly Scene[] = [
  {
    name: 'a chat goes on in another',
    from: 'friends',
    async before(play) {
      const devices = names.map((name) => play.device(name))
      stop(devices, play.device('alice.phone').chat({ handle: 'bob' }))
      stop(devices, play.device('alice.phone').chat('Walk'))
    },
    async run(play) {
      await play.says(play.device('alice.phone'), 'alice+bob', 'does it go on?')
      await play.says(play.device('alice.laptop'), 'Walk', 'it does')
      await play.rest()
    },
  },
  {
    name: 'a relay restored',
    from: 'friends',
    async run(play) {
      const backup = play.world.relay.backup()
      await play.says(play.device('alice.phone'), 'alice+bob', 'after the backup')
      await play.says(play.device('bob.web'), 'Walk', 'I agree')
      await play.world.relay.restore(backup)
      await play.settled()
      await heal(play)
    },
  },
  {
    name: 'a repair',
    from: 'friends',
    async before(play) {
      damage(play.device('alice.laptop'), 1, 'lost')
      // What its siblings told each other until it was in again is closed to it.
      play.mayMiss.add('alice.laptop')
    },
    async run(play) {
      const laptop = play.device('alice.laptop')
      laptop.restart()
      await play.settled()
      await heal(play)
    },
  },
  {
    name: 'a profile put back',
    from: 'friends',
    async run(play) {
      const laptop = play.device('alice.laptop')
      const old = laptop.copy()
      play.mayMiss.add('alice.laptop')
      await play.says(laptop, 'alice+bob', 'before')
      await play.says(play.device('bob.phone'), 'Walk', 'meanwhile')
      laptop.restart({ from: old })
      await play.settled()
      await heal(play)
    },
  },
]
