import { Attacker } from './attacker.ts'
import { attacks } from './attacks.ts'

const [name = '', url = '', localAddress = ''] = process.argv.slice(2)
const attack = attacks[name]
if (attack === undefined) throw new RangeError('an attack has a name')
process.on('disconnect', () => process.exit(0))
await attack(new Attacker(url, localAddress), () => void process.send?.('ready'))
