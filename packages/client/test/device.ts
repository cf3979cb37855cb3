import { randomBytes } from 'node:crypto'
import type { MlsEngine } from '@quintet/crypto'
import { type DeviceId } from '@quintet/domain'
import { type Bootstrap, fromBinary, SelfSnapshotSchema, type SelfOp, toBinary } from '@quintet/wire'
import type { ClientEvent } from '../src/api.ts'
import type { Core } from '../src/core.ts'
import type { DeviceHooks } from '../src/device/hooks.ts'
import { readOwn } from '../src/device/own.ts'
import { ClientError } from '../src/error.ts'
import { createRelayLink } from '../src/relay/connection.ts'
import { importSnapshot } from '../src/selfstate/import.ts'
import { snapshot } from '../src/selfstate/snapshot.ts'
import { createDatabase } from './database.ts'
import type { TestClock, TestRelay } from './relay.ts'

export interface HookCalls {
  readonly selfChats: number
  readonly added: readonly DeviceId[]
  readonly joined: number
  readonly ops: readonly SelfOp[]
  readonly removals: number
  readonly imported: readonly Bootstrap[]
}
