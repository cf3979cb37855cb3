import type { Frame, Push, Request, Response } from '@quintet/wire'

export type CallName = NonNullable<Request['call']['case']>
export type PushName = NonNullable<Push['kind']['case']>

/** What a frame is about, in one word: for traces and for tests that look for one kind. */
export function kindOfFrame(frame: Frame, answers: CallName | undefined): string {
  switch (frame.kind.case) {
    case 'greeting':
      return 'greeting'
    case 'request':
      return frame.kind.value.call.case ?? 'unknown request'
    case 'response':
      return `${answers ?? 'unknown'} → ${frame.kind.value.result.case ?? 'nothing'}`
    case 'push':
      return `push ${frame.kind.value.kind.case ?? 'nothing'}`
    case undefined:
      return 'nothing'
  }
}

export function requestOf(frame: Frame): Request | undefined {
  return frame.kind.case === 'request' ? frame.kind.value : undefined
}

export function responseOf(frame: Frame): Response | undefined {
  return frame.kind.case === 'response' ? frame.kind.value : undefined
}

export function pushOf(frame: Frame): Push | undefined {
  return frame.kind.case === 'push' ? frame.kind.value : undefined
}
