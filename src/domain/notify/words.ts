/** `14:40 UTC`; with its day where that is another than `beside`'s. */
export function clockTime(at: string, beside: string | null = null): string {
  return withDay(`${at.slice(11, 16)} UTC`, at, beside)
}

/** `14:40:07 UTC`: where the seconds count. */
export function exactTime(at: string, beside: string): string {
  return withDay(`${at.slice(11, 19)} UTC`, at, beside)
}

function withDay(time: string, at: string, beside: string | null): string {
  return beside === null || beside.slice(0, 10) === at.slice(0, 10) ? time : `${at.slice(0, 10)} ${time}`
}

/** `40 s`, `1 min 29 s`, `25 min`, `1 h 10 min`, `2 days 3 h`: for people who want to know how long, not how exactly. */
export function roughly(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1_000))
  if (seconds < 60) return `${seconds} s`
  if (seconds < 600 && seconds % 60 > 0) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
  const minutes = Math.round(ms / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return hours % 24 === 0
    ? `${Math.floor(hours / 24)} days`
    : `${Math.floor(hours / 24)} days ${hours % 24} h`
}
