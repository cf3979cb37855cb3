import { some } from './some.ts'

some(2)
