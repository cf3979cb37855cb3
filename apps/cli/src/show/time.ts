const minute = 60_000
const day = 24 * 60 * minute

const two = (number: number) => String(number).padStart(2, '0')
const clockOf = (date: Date) => `${two(date.getHours())}:${two(date.getMinutes())}`
const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
] as const

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** Whole calendar days from `date` to `now`, in local time. */
function daysBetween(date: Date, now: Date): number {
  return Math.round((startOfDay(now) - startOfDay(date)) / day)
}

/** "10:40": local time of day of an ISO time. */
export function timeOfDay(at: string): string {
  return clockOf(new Date(at))
}

/** "Today", "Yesterday", "Tuesday", "Tuesday, 3 March", with the year where it is another one. */
export function dayOf(at: string, nowMs: number): string {
  const date = new Date(at)
  const now = new Date(nowMs)
  const days = daysBetween(date, now)
  if (days === 0) return 'Today'
  if (days === 1) return 'Yesterday'
  const weekday = weekdays[date.getDay()] ?? ''
  if (days > 1 && days < 7) return weekday
  const year = date.getFullYear() === now.getFullYear() ? '' : ` ${date.getFullYear()}`
  return `${weekday}, ${date.getDate()} ${months[date.getMonth()] ?? ''}${year}`
}

/** "just now", "4 min ago", "10:40", "yesterday 10:40", "Tuesday 10:40", "3 March", "3 March 2024". */
export function ago(at: string, nowMs: number): string {
  const date = new Date(at)
  const now = new Date(nowMs)
  const passed = nowMs - date.getTime()
  if (passed < minute) return 'just now'
  if (passed < 60 * minute) return `${Math.floor(passed / minute)} min ago`
  const days = daysBetween(date, now)
  if (days === 0) return clockOf(date)
  if (days === 1) return `yesterday ${clockOf(date)}`
  if (days < 7) return `${weekdays[date.getDay()] ?? ''} ${clockOf(date)}`
  const year = date.getFullYear() === now.getFullYear() ? '' : ` ${date.getFullYear()}`
  return `${date.getDate()} ${months[date.getMonth()] ?? ''}${year}`
}

/** "today at 10:40", "tomorrow at 10:40", "3 March at 10:40": a time to come. */
export function upcoming(at: string, nowMs: number): string {
  const date = new Date(at)
  const days = -daysBetween(date, new Date(nowMs))
  const when = days <= 0 ? 'today' : days === 1 ? 'tomorrow' : `${date.getDate()} ${months[date.getMonth()] ?? ''}`
  return `${when} at ${clockOf(date)}`
}
