export type * from '@quintet/client'
export { ClientError } from '@quintet/client/error'
export { WorkerFault } from './failure.ts'
export { open, type OpenOptions, type WebClient } from './page/open.ts'
