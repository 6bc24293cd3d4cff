const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

type Unit = keyof typeof UNITS

/** `250ms`, `10s`, `1.5m`, `1h`, `7d` -> ms; null for anything else, a bare number included: nobody can see its unit. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text)
  if (match === null) return null
  const ms = Math.round(Number(match[1]) * UNITS[match[2] as Unit])
  return Number.isSafeInteger(ms) ? ms : null
}

/** The shortest spelling that {@link parseDuration} reads back as the same number of ms. */
export function formatDuration(ms: number): string {
  const unit =
    (['d', 'h', 'm', 's'] as const).find((candidate) => ms > 0 && ms % UNITS[candidate] === 0) ?? 'ms'
  return `${ms / UNITS[unit]}${unit}`
}
