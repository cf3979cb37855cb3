import type { Device } from '@quintet/testkit'
import type { Play } from '../play.ts'
import type { Scene } from '../scene.ts'

const both = 'alice+carol'
const walkers = ['alice.phone', 'alice.laptop', 'bob.phone', 'bob.web']

function idOf(device: Device, chat: string, text: string) {
  const found = device.client.messages(device.chat(chat), 100).find((one) => one.text === text)
  if (found === undefined) throw new Error(`${device.name} does not show ${text}`)
  return found.id
}

const shown = (play: Play, name: string, text: string) =>
  play
    .device(name)
    .client.messages(play.device(name).chat('Walk'), 100)
    .find((one) => one.text === text)

export const wordScenes: readonly Scene[] = [
  {
    name: 'write to somebody first',
    from: 'strangers',
    async run(play) {
      const [alice, carol] = [play.device('alice.phone'), play.device('carol.phone')]
      play.enter(both, alice, carol)
      await play.says(alice, both, 'who are you?')
      await play.says(carol, both, 'Carol')
    },
  },
  {
    name: 'both write first',
    from: 'strangers',
    async before(play) {
      for (const name of ['alice.phone', 'carol.phone']) play.device(name).disconnect()
      await play
        .device('alice.phone')
        .jot({ handle: 'carol' }, 'I was first')
        .catch(() => undefined)
      await play
        .device('carol.phone')
        .jot({ handle: 'alice' }, 'no, I')
        .catch(() => undefined)
    },
    async run(play) {
      const [alice, carol] = [play.device('alice.phone'), play.device('carol.phone')]
      alice.connect()
      carol.connect()
      await play.settled()
      const say = (by: Device, to: string, text: string) => () => by.say({ handle: to }, text)
      await play.does('both write', () =>
        Promise.all([say(alice, 'carol', 'from Alice')(), say(carol, 'alice', 'from Carol')()]),
      )
      await play.settled()
      play.mayMiss.add('alice.phone').add('carol.phone')
    },
    after(play) {
      const [alice, carol] = [play.device('alice.phone'), play.device('carol.phone')]
      const texts = alice.shows({ handle: 'carol' })
      for (const text of ['from Alice', 'from Carol'])
        if (!texts.includes(text)) throw new Error(`"${text}" is lost: ${texts.join(', ')}`)
      if (carol.shows({ handle: 'alice' }).join() !== texts.join())
        throw new Error(`${texts.join(', ')} is not ${carol.shows({ handle: 'alice' }).join(', ')}`)
    },
  },
  {
    name: 'say, change, take back, react, read',
    from: 'friends',
    async run(play) {
      const [phone, laptop, bob] = [play.device('alice.phone'), play.device('alice.laptop'), play.device('bob.phone')]
      const web = play.device('bob.web')
      await play.says(phone, 'Walk', 'at eight')
      await play.does(
        'react',
        () => bob.client.react(bob.chat('Walk'), idOf(bob, 'Walk', 'at eight'), '👍', false),
        () => Object.keys(shown(play, 'bob.phone', 'at eight')?.reactions ?? {}).length === 1,
      )
      await play.does('read', () => web.client.markRead(web.chat('Walk')))
      await play.says(laptop, 'Walk', 'no, nine')
      await play.does('edit', () =>
        phone.client.edit(phone.chat('Walk'), idOf(phone, 'Walk', 'where to?'), 'forged').catch(() => undefined),
      )
      await play.does('block', () => bob.client.block('carol', false))
      await play.does('unblock', () => web.client.block('carol', true))
      await play.does('type', () => bob.client.typing(bob.chat('Walk')))
    },
    after(play) {
      for (const device of play.everybody().filter((one) => !one.name.startsWith('carol'))) {
        const reactions = shown(play, device.name, 'at eight')?.reactions ?? {}
        if (reactions['👍']?.join() !== 'bob') throw new Error(`${device.name} does not show Bob's thumb once`)
      }
    },
  },
  {
    name: 'edit and delete',
    from: 'friends',
    async run(play) {
      const [phone, laptop, bob] = [play.device('alice.phone'), play.device('alice.laptop'), play.device('bob.phone')]
      const target = idOf(laptop, 'Walk', 'up the hill')
      await play.does(
        'edit',
        () => laptop.client.edit(laptop.chat('Walk'), target, 'down the hill'),
        () => laptop.shows('Walk').includes('down the hill'),
      )
      await play.settled()
      const gone = idOf(bob, 'Walk', 'where to?')
      await play.does(
        'delete',
        () => bob.client.deleteMessage(bob.chat('Walk'), gone),
        () => !bob.shows('Walk').includes('where to?'),
      )
      await play.settled()
      await play.says(phone, 'alice+alice', 'note')
      await play.rest()
      // From here on it is what they show now, and `after` says what that has to be.
      play.enter('Walk', ...walkers.map((name) => play.device(name)))
    },
    after(play) {
      for (const name of walkers) {
        const texts = play.device(name).shows('Walk')
        if (texts[0] !== 'down the hill' || texts.includes('where to?'))
          throw new Error(`${name} shows ${texts.join(', ')}`)
      }
    },
  },
]
