import {
  AbortReason,
  create,
  fromBinary,
  type LinkMessage,
  LinkMessageSchema,
  maxBootstrapBytes,
  maxLinkMessageBytes,
  type MessageInitShape,
  toBinary,
} from '@quintet/wire'

type LinkMessageKind = NonNullable<LinkMessage['kind']['case']>
/** A link message whose kind this code knows. */
export type KnownMessage = Extract<LinkMessage['kind'], { readonly case: LinkMessageKind }>

/** Why a linking ended without a device. `refused`: by the person at either side. */
export type LinkEnd = 'refused' | 'words' | 'expired' | 'full' | 'fault'

const reasons: Readonly<Record<LinkEnd, AbortReason>> = {
  refused: AbortReason.REFUSED,
  words: AbortReason.WORDS,
  expired: AbortReason.EXPIRED,
  full: AbortReason.FULL,
  fault: AbortReason.FAULT,
}

type MessageInit = NonNullable<MessageInitShape<typeof LinkMessageSchema>['kind']>

/** The bytes of a link message. */
export function encodeMessage(kind: MessageInit): Uint8Array {
  return toBinary(LinkMessageSchema, create(LinkMessageSchema, { kind }))
}

export function abortMessage(reason: LinkEnd): Uint8Array {
  return encodeMessage({ case: 'abort', value: { reason: reasons[reason] } })
}

/** Undefined for what is malformed, unknown, or larger than its kind may be. */
export function parseMessage(bytes: Uint8Array): KnownMessage | undefined {
  if (bytes.length > maxBootstrapBytes) return undefined
  try {
    const { kind } = fromBinary(LinkMessageSchema, bytes)
    if (kind.case === undefined) return undefined
    return kind.case === 'bootstrap' || bytes.length <= maxLinkMessageBytes ? kind : undefined
  } catch {
    return undefined
  }
}

/** What the other side said of why it ended. */
export function endOf(reason: AbortReason): LinkEnd {
  for (const [end, number] of Object.entries(reasons)) if (number === reason && isEnd(end)) return end
  return 'fault'
}

function isEnd(name: string): name is LinkEnd {
  return name in reasons
}
