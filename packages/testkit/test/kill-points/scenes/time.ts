import type { Scene } from '../scene.ts'

const dayMs = 24 * 60 * 60 * 1000

export const timeScenes: readonly Scene[] = [
  {
    name: 'nine days later',
    from: 'friends',
    async before(play) {
      await play.world.forward(9 * dayMs)
    },
    async run(play) {
      await play.rest()
      await play.says(play.device('alice.laptop'), 'alice+bob', 'long time')
      await play.says(play.device('bob.web'), 'Walk', 'indeed')
    },
  },
  {
    name: 'a device comes back after two months',
    from: 'friends',
    async before(play) {
      const laptop = play.device('alice.laptop')
      laptop.disconnect()
      play.exit('alice+bob', laptop)
      await play.says(play.device('alice.phone'), 'alice+bob', 'the day after')
      await play.says(play.device('alice.phone'), 'alice+alice', 'a note')
      await play.world.forward(61 * dayMs)
      await play.device('alice.phone').client.sync()
    },
    async run(play) {
      const laptop = play.device('alice.laptop')
      play.exit('alice+bob', laptop)
      play.mayMiss.add('alice.laptop')
      await play.says(play.device('alice.phone'), 'alice+bob', 'while it slept')
      laptop.connect()
      await play.settled()
      await play.rest()
      play.enter('alice+bob', laptop)
      await play.says(laptop, 'Walk', 'slept well')
    },
  },
]
