/** Colours by what they mean (the look has one accent, and three signals). */
export interface Paint {
  /** False where colours are not wanted: then nothing is painted. */
  readonly colour: boolean
  strong(text: string): string
  quiet(text: string): string
  /** What is one's own, or what one can do. */
  accent(text: string): string
  /** Safe, verified, complete. */
  calm(text: string): string
  /** Needs you. */
  attention(text: string): string
}

const csi = '\u001b['
const wrap = (on: string, off: string) => (text: string) => `${csi}${on}m${text}${csi}${off}m`
const same = (text: string) => text

const colours: Paint = {
  colour: true,
  strong: wrap('1', '22'),
  quiet: wrap('2', '22'),
  accent: wrap('38;5;216', '39'),
  calm: wrap('38;5;73', '39'),
  attention: wrap('38;5;214', '39'),
}
const none: Paint = { colour: false, strong: same, quiet: same, accent: same, calm: same, attention: same }

export function paintFor(colour: boolean): Paint {
  return colour ? colours : none
}
