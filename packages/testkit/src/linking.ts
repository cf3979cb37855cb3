import type { DeviceKind } from '@quintet/domain'
import type { Device } from './device.ts'

export interface LinkWishes {
  /** Both screens are before the approver, who grants `manage` at once. */
  readonly manage?: boolean
}

const kinds: readonly DeviceKind[] = ['phone', 'web', 'desktop', 'display', 'tablet']

/** `web2` is a web device, `laptop` a desktop. */
export function kindOf(name: string): DeviceKind {
  return kinds.find((kind) => name.startsWith(kind)) ?? 'desktop'
}

/** The real linking: the new device shows an offer, both people compare four words, both confirm. */
export async function linkDevices(
  approver: Device,
  newcomer: Device,
  name: string,
  wishes: LinkWishes = {},
): Promise<void> {
  let shown = (_offer: string) => {}
  const offered = new Promise<string>((resolve) => {
    shown = resolve
  })
  let newcomersWords: readonly string[] = []
  const linking = newcomer.client.link(
    { kind: newcomer.kind, name },
    {
      offer: ({ offer }) => shown(offer),
      confirm: async (words) => {
        newcomersWords = words
        return true
      },
    },
  )
  // Without an offer there is nothing to approve.
  const offer = await Promise.race([offered, linking.then(() => '')])
  const approving = approver.client.approve(
    offer,
    { manage: wishes.manage ?? false },
    {
      // The person looks at the other screen and picks what stands there.
      pick: async ({ choices, right }) => {
        const there = newcomersWords.join(' ')
        const found = choices.findIndex((words) => words.join(' ') === there)
        return found < 0 ? right : found
      },
    },
  )
  await Promise.all([linking, approving])
}
