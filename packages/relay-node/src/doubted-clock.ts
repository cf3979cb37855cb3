import type { RelayClock, RelayStore } from '@quintet/relay'

const hourMs = 60 * 60 * 1000
const dayMs = 24 * hourMs

/** How far the clock and the time that has passed may come apart before the clock is in doubt. */
const leapMs = hourMs
/** A relay that stood still for longer than this cannot know whether that is so. */
const stillMs = dayMs
/** How long a doubt lasts, counted while the relay runs: a weekend in which the owner can put the clock right. */
const doubtMs = 3 * dayMs

const keptUnder = 'clock'

export interface DoubtedClock extends RelayClock {
  doubted(): boolean
  /** Compares the clock with the time that has passed; writes down where it stands. To be called now and then. */
  look(): Promise<void>
}

/**
 * A clock that notices leaps: against `passedMs`, which goes on evenly while the relay runs, and against what it wrote
 * down before the relay ended. It is believed in all else; only what would be deleted for its age waits.
 */
export async function doubtedClock(
  clock: RelayClock,
  settings: RelayStore['settings'],
  passedMs: () => number,
): Promise<DoubtedClock> {
  const kept = parseKept(await settings.get(keptUnder))
  const away = kept === undefined ? 0 : clock.now() - kept.seenMs
  const leapt = away < -leapMs || away > stillMs
  let doubtLeftMs = leapt ? doubtMs : (kept?.doubtLeftMs ?? 0)
  let before = { wallMs: clock.now(), passedMs: passedMs() }
  const write = (): Promise<void> => settings.set(keptUnder, `${before.wallMs} ${Math.round(doubtLeftMs)}`)
  const compare = (): void => {
    const now = { wallMs: clock.now(), passedMs: passedMs() }
    const passed = now.passedMs - before.passedMs
    const leap = Math.abs(now.wallMs - before.wallMs - passed) > leapMs
    doubtLeftMs = leap ? doubtMs : Math.max(0, doubtLeftMs - passed)
    before = now
  }
  return {
    now: () => clock.now(),
    after: (ms, task) => clock.after(ms, task),
    doubted() {
      compare()
      return doubtLeftMs > 0
    },
    look() {
      compare()
      return write()
    },
  }
}

/** Undefined for what was never written, and for what is not of this form. */
function parseKept(text: string | undefined): { readonly seenMs: number; readonly doubtLeftMs: number } | undefined {
  const parts = /^([0-9]{1,16}) ([0-9]{1,16})$/.exec(text ?? '')
  return parts ? { seenMs: Number(parts[1]), doubtLeftMs: Number(parts[2]) } : undefined
}
