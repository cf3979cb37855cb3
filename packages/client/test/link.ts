import type { DeviceKind } from '@quintet/domain'
import type { ApproveQuestions, LinkQuestions } from '../src/api.ts'
import { approve } from '../src/device/approve.ts'
import { link } from '../src/device/link.ts'
import type { TestClientDevice } from './device.ts'

export interface LinkStory {
  readonly kind?: DeviceKind
  readonly name?: string
  readonly manage?: boolean
  /** By the short code instead of the link. */
  readonly byCode?: boolean
  /** What the person at the new device answers; the words are right by default. */
  readonly confirm?: LinkQuestions['confirm']
  /** What the person who approves picks; the right words by default. */
  readonly pick?: ApproveQuestions['pick']
  /** Between the offer's appearance and its approval. */
  readonly meanwhile?: () => void
}

/** Both sides of a linking in one process; what each ended with. */
export async function linkBoth(approver: TestClientDevice, newcomer: TestClientDevice, story: LinkStory = {}) {
  let show = (_offer: { readonly offer: string; readonly code: string }) => {}
  const shown = new Promise<{ readonly offer: string; readonly code: string }>((resolve) => {
    show = resolve
  })
  const seen: { newcomer: readonly string[]; approver: readonly string[]; handle: string } = {
    newcomer: [],
    approver: [],
    handle: '',
  }
  const linking = link(
    newcomer.core,
    newcomer.hooks,
    { kind: story.kind ?? 'desktop', name: story.name ?? 'Laptop' },
    {
      offer: (offer) => show(offer),
      confirm: (words, handle) => {
        seen.newcomer = words
        seen.handle = handle
        return story.confirm?.(words, handle) ?? Promise.resolve(true)
      },
    },
  )
  linking.catch(() => {})
  const offer = await shown
  story.meanwhile?.()
  const approving = approve(
    approver.core,
    approver.hooks,
    story.byCode === true ? offer.code : offer.offer,
    { manage: story.manage ?? false },
    {
      pick: (request) => {
        seen.approver = request.choices[request.right] ?? []
        return story.pick?.(request) ?? Promise.resolve(request.right)
      },
    },
  )
  const [linked, approved] = await Promise.allSettled([linking, approving])
  return { linked, approved, seen, offer }
}
