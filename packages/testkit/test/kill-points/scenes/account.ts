import { ClientError } from '@quintet/client'
import type { Scene } from '../scene.ts'

export const accountScenes: readonly Scene[] = [
  {
    name: 'sign up',
    from: 'strangers',
    async run(play) {
      const dave = play.newDevice('dave', 'phone')
      let recovery = ''
      await play.does(
        'sign up',
        async () => {
          const made = await dave.client.signUp({ handle: 'dave', deviceName: 'phone', kind: 'phone' })
          recovery = made.recovery
        },
        () => recovery !== '',
      )
      play.enter('dave+alice', dave, play.device('alice.phone'))
      await play.says(dave, 'dave+alice', 'I am Dave')
    },
  },
  {
    name: 'names, kit and rights',
    from: 'friends',
    async run(play) {
      const phone = play.device('alice.phone')
      const laptop = play.device('alice.laptop').client.self()?.device
      if (laptop === undefined) throw new Error('the laptop is signed in')
      await play.does('rename the laptop', () => phone.client.renameDevice(laptop, 'Old laptop'))
      await play.does('a name', () => phone.client.profile({ name: 'Alice of the sea' }))
      await play.does(
        'a handle',
        () => phone.client.profile({ handle: 'alice.b' }),
        () => phone.client.self()?.handle === 'alice.b',
      )
      await play.settled()
      await play.does('the old handle', () => phone.client.profile({ handle: 'alice' }))
      await play.does('take rights', () => phone.client.setRights(laptop, 'none'))
      await play.does('make it main', () => phone.client.makeMain(laptop))
      const { recovery } = play.world.person('alice')
      await play.does('a new kit', () => phone.client.newRecovery(recovery).catch(kitWasMade))
    },
    async after(play) {
      const { name } = await play.device('alice.laptop').client.profile()
      if (name !== 'Alice of the sea') throw new Error('the laptop has not heard of the name')
    },
  },
  {
    name: 'close an account',
    from: 'friends',
    async run(play) {
      const [phone, laptop] = [play.device('alice.phone'), play.device('alice.laptop')]
      const { recovery } = play.world.person('alice')
      await play.does('close it', () => phone.client.deleteAccount(recovery).catch(isClosed))
      play.exit('alice+bob', play.device('bob.phone'), play.device('bob.web'))
      for (const device of [phone, laptop]) play.leaveBehind(device)
      await play.settled()
      await play.rest()
    },
  },
]

/** The relay took the new key before the device died: the old words are of no use any more. */
function kitWasMade(error: unknown): void {
  if (!(error instanceof ClientError) || error.code !== 'recovery-wrong') throw error
}

function isClosed(error: unknown): void {
  if (!(error instanceof ClientError) || error.code !== 'account-closed') throw error
}
