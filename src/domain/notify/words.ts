/** `14:40 UTC`; with its day where that is another than `beside`'s. */
export function clockTime(at: string, beside: string | null = null): string {
  const time = `${at.slice(11, 16)} UTC`
  return beside === null || beside.slice(0, 10) === at.slice(0, 10) ? time : `${at.slice(0, 10)} ${time}`
}

/** `2 min`, `1 h 10 min`, `2 days 3 h`: for people who want to know how long, not how exactly. */
export function roughly(ms: number): string {
  if (ms < 60_000) return `${Math.max(1, Math.round(ms / 1_000))} s`
  const minutes = Math.round(ms / 60_000)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`
  return hours % 24 === 0
    ? `${Math.floor(hours / 24)} days`
    : `${Math.floor(hours / 24)} days ${hours % 24} h`
}
