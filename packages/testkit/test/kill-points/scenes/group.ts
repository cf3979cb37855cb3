import type { Play } from '../play.ts'
import type { Scene } from '../scene.ts'

const walkers = (play: Play, name: string): readonly string[] =>
  play
    .device(name)
    .client.chats()
    .find((one) => one.title === 'Walk')?.with ?? []

export const groupScenes: readonly Scene[] = [
  {
    name: 'make a group',
    from: 'friends',
    async run(play) {
      const [phone, laptop, bob] = [play.device('alice.phone'), play.device('alice.laptop'), play.device('bob.phone')]
      const has = () => phone.client.chats().some((one) => one.title === 'Choir')
      await play.does('create it', () => phone.client.createGroup('Choir', ['bob', 'carol']), has)
      await play.settled()
      play.enter('Choir', phone, laptop, bob, play.device('bob.web'), play.device('carol.phone'))
      await play.says(play.device('carol.phone'), 'Choir', 'la')
      await play.says(laptop, 'Choir', 'lala')
    },
  },
  {
    name: 'add and remove',
    from: 'friends',
    async run(play) {
      const [phone, carol] = [play.device('alice.phone'), play.device('carol.phone')]
      await play.does(
        'add Carol',
        () => phone.client.addToGroup(phone.chat('Walk'), ['carol']),
        () => walkers(play, 'alice.phone').includes('carol'),
      )
      await play.settled()
      play.enter('Walk', carol)
      await play.says(carol, 'Walk', 'thank you')
      await play.says(play.device('bob.web'), 'Walk', 'welcome')
      await play.does(
        'take Carol out',
        () => phone.client.removeFromGroup(phone.chat('Walk'), 'carol'),
        () => !walkers(play, 'alice.phone').includes('carol'),
      )
      play.exit('Walk', carol)
      await play.says(play.device('alice.laptop'), 'Walk', 'she is gone')
    },
    after(play) {
      const shown = play.device('carol.phone').shows('Walk')
      if (shown.join() !== 'thank you,welcome') throw new Error(`Carol shows ${shown.join()}`)
    },
  },
  {
    name: 'rename, make admin, leave',
    from: 'friends',
    async run(play) {
      const [phone, bob] = [play.device('alice.phone'), play.device('bob.phone')]
      const chat = phone.chat('Walk')
      await play.does('make Bob an admin', () => phone.client.setAdmin(chat, 'bob', true))
      await play.settled()
      await play.does(
        'Bob leaves',
        () => bob.client.leaveGroup(bob.chat('Walk')),
        () => bob.client.chats().every((one) => one.title !== 'Walk' || one.held !== undefined),
      )
      await play.settled()
      play.exit('Walk', bob, play.device('bob.web'))
      await play.says(play.device('alice.laptop'), 'Walk', 'alone')
      await play.does('rename', () => phone.client.renameGroup(chat, 'Stroll'))
      await play.settled()
      await play.does('rename', () => phone.client.renameGroup(chat, 'Walk'))
    },
  },
]
