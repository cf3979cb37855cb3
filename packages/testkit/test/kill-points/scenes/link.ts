import { ClientError } from '@quintet/client'
import type { Device, LinkWishes } from '@quintet/testkit'
import type { Play } from '../play.ts'
import type { Scene } from '../scene.ts'

const tries = 4

/** Links a device; when one of both died, it is linked as another one, and what is listed in vain is unlinked. */
async function links(play: Play, approver: Device, name: string, wishes: LinkWishes = {}): Promise<Device> {
  play.step = `link the ${name}`
  const { world } = play
  const [handle = ''] = approver.name.split('.')
  for (let n = 0; n < tries; n++) {
    const linked = await world.link(approver, n === 0 ? name : `${name}${n}`, wishes).catch((error: unknown) => {
      if (play.counter.killed === undefined) throw error
    })
    play.revive()
    await play.settled()
    const device = linked ?? world.person(handle).devices.at(-1)
    if (device !== undefined && device !== approver && device.client.self() !== undefined) return device
    if (device !== undefined && device !== approver) play.leaveBehind(device)
    const known = new Set(play.everybody().map((one) => one.client.self()?.device))
    for (const listed of await approver.client.devices())
      if (!known.has(listed.device)) await approver.client.unlink(listed.device)
  }
  throw new Error(`the ${name} was never linked`)
}

/** It died after the last step, before its person was told. */
function wasBack(error: unknown): void {
  if (!(error instanceof ClientError) || error.code !== 'profile-exists') throw error
}

const deviceOf = (device: Device) => {
  const self = device.client.self()
  if (self === undefined) throw new Error(`${device.name} is signed in`)
  return self.device
}

async function unlinks(play: Play, by: Device, whom: Device, key?: string): Promise<void> {
  const device = deviceOf(whom)
  await play.does(
    `unlink ${whom.name}`,
    () => by.client.unlink(device, key),
    async () => (await by.client.devices()).every((one) => one.device !== device),
  )
  play.leaveBehind(whom)
}

export const linkScenes: readonly Scene[] = [
  {
    name: 'link a tablet',
    from: 'friends',
    async run(play) {
      const tablet = await links(play, play.device('alice.phone'), 'tablet')
      await play.rest()
      for (const chat of ['alice+bob', 'Walk', 'alice+alice']) play.enter(chat, tablet)
      await play.says(tablet, 'Walk', 'I am new')
      await play.says(tablet, 'alice+bob', 'so am I')
    },
  },
  {
    name: 'link with a grant',
    from: 'friends',
    async run(play) {
      const tablet = await links(play, play.device('alice.phone'), 'tablet', { manage: true })
      await play.rest()
      for (const chat of ['alice+bob', 'Walk']) play.enter(chat, tablet)
      const main = () => tablet.client.makeMain(deviceOf(tablet))
      if ((await tablet.client.devices()).some((one) => one.self && one.manage)) await play.does('make it main', main)
    },
  },
  {
    name: 'unlink the laptop',
    from: 'friends',
    async run(play) {
      await unlinks(play, play.device('alice.phone'), play.device('alice.laptop'))
      await play.says(play.device('bob.phone'), 'alice+bob', 'is it gone?')
      await play.says(play.device('alice.phone'), 'Walk', 'yes')
    },
  },
  {
    name: 'sign out',
    from: 'friends',
    async run(play) {
      const laptop = play.device('alice.laptop')
      await play.does(
        'sign out',
        async () => {
          await laptop.client.signOut()
          laptop.kill()
        },
        () => laptop.client.self() === undefined,
      )
      play.leaveBehind(laptop)
      await play.settled()
      await play.says(play.device('bob.phone'), 'alice+bob', 'is it gone?')
    },
  },
  {
    name: 'recover and unlink the lost phone',
    from: 'friends',
    async run(play) {
      const { recovery } = play.world.person('alice')
      const phone = play.device('alice.phone')
      play.leaveBehind(phone)
      phone.kill()
      const tablet = play.newDevice('alice', 'tablet')
      let isBack = false
      await play.does(
        'recover',
        async () => {
          await tablet.client.recover({ handle: 'alice', key: recovery, name: 'Tablet' }).catch(wasBack)
          isBack = true
        },
        () => isBack,
      )
      await play.rest()
      const known = new Set([deviceOf(tablet), deviceOf(play.device('alice.laptop'))])
      for (const { device } of await tablet.client.devices())
        if (!known.has(device))
          await play.does(
            'unlink',
            () => tablet.client.unlink(device, recovery),
            async () => (await tablet.client.devices()).every((one) => one.device !== device),
          )
      for (const chat of ['alice+bob', 'Walk']) play.enter(chat, tablet)
      await play.says(tablet, 'alice+bob', 'I lost my phone')
    },
  },
]
