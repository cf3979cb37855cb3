import { type ChatId, sameBytes, bytesOf } from '@quintet/domain'
import {
  checkWelcome,
  type CommitUpload,
  type CommitView,
  FailureCode,
  MlsFormatError,
  policyIn,
  readCommit,
  readGroupInfo,
} from '@quintet/wire'
import { type Answer, malformed, notAllowed, refuse } from '../answer.ts'
import { samePolicy } from './chat-policy.ts'
import type { Caller, RelayCore } from '../relay-core.ts'

export interface UploadView {
  readonly commit: CommitView
  readonly groupInfo: Uint8Array
  readonly welcome: Uint8Array | undefined
  /** The policy that the GroupInfo of the new epoch carries. */
  readonly policyAfter: Uint8Array | undefined
  readonly suite: number
}

/** How long a device must wait before it may commit so much, if it must. */
export function commitWait(
  { limits }: RelayCore,
  { device }: Caller,
  upload: CommitUpload | undefined,
): number | undefined {
  const bytes = upload ? upload.commit.length + upload.groupInfo.length + upload.welcome.length : 0
  return limits.take('commits', device) ?? limits.take('writtenBytes', device, bytes)
}

/** Reads the three parts of a commit and checks that they are of this chat and of neighbouring epochs. */
export function readUpload(
  chat: ChatId,
  upload: CommitUpload | undefined,
  maxBytes: number,
): { readonly view: UploadView } | { readonly refusal: Answer } {
  if (upload === undefined) return { refusal: malformed('The commit') }
  const { commit, groupInfo, welcome } = upload
  if (commit.length > maxBytes || groupInfo.length > maxBytes || welcome.length > maxBytes) {
    return { refusal: refuse(FailureCode.TOO_LARGE, 'The commit is too large for this relay.') }
  }
  try {
    const view = readCommit(commit)
    const info = readGroupInfo(groupInfo)
    const group = bytesOf(chat)
    const fits = sameBytes(view.group, group) && sameBytes(info.group, group) && info.epoch === view.epoch + 1n
    if (!fits) return { refusal: malformed('The commit') }
    if (welcome.length > 0) checkWelcome(welcome, info.suite)
    if (welcome.length > 0 !== view.adds.length > 0) return { refusal: malformed('The Welcome') }
    const kept = { groupInfo: groupInfo.slice(), welcome: welcome.length > 0 ? welcome.slice() : undefined }
    return { view: { commit: view, ...kept, policyAfter: policyIn(info.extensions), suite: info.suite } }
  } catch (error) {
    if (error instanceof MlsFormatError) return { refusal: malformed('The commit') }
    throw error
  }
}

/** The GroupInfo must carry the policy and suite of the chat, or newcomers would join another one. */
export function checkGroupInfo(view: UploadView, suite: number, policy: Uint8Array): Answer | undefined {
  return view.suite === suite && samePolicy(view.policyAfter, policy)
    ? undefined
    : notAllowed('The group info is not of this chat.')
}
