export type * from './api.ts'
export { openClient } from './client.ts'
export { ClientError, type ClientErrorCode, type ErrorDetails, type ReplaceableDevice } from './error.ts'
export {
  type Clock,
  type Database,
  DatabaseError,
  type LoadEngine,
  type MakeSigner,
  type Platform,
  type Random,
  type Row,
  type Socket,
  type SqlValue,
  type Transport,
} from './ports.ts'
export { maxFrameBytes } from '@quintet/wire'
