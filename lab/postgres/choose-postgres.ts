export const OLDEST_POSTGRES = 14
export const POSTGRES_TOOLS = ['initdb', 'pg_ctl', 'postgres', 'psql', 'pg_dump'] as const
export type PostgresTool = (typeof POSTGRES_TOOLS)[number]

/** A folder that may hold PostgreSQL, in the order in which it was looked at. */
export type Candidate = {
  bin: string
  /** From PATH: the user's own choice. */
  onPath: boolean
  /** `undefined`: it could not be asked. */
  major: number | undefined
  missing: readonly PostgresTool[]
}

export type Choice = { found: true; bin: string; major: number } | { found: false; why: string }

/** `postgres (PostgreSQL) 17beta1 (Debian 17~beta1-1)` -> 17 */
export function parseMajor(versionLine: string): number | undefined {
  const match = /\(PostgreSQL\) (\d+)/.exec(versionLine)
  return match ? Number(match[1]) : undefined
}

/** The first usable one on PATH, else the newest of the versioned folders. */
export function choosePostgres(candidates: readonly Candidate[]): Choice {
  const usable = candidates.flatMap(({ bin, onPath, major, missing }) =>
    major !== undefined && major >= OLDEST_POSTGRES && missing.length === 0 ? [{ bin, onPath, major }] : [],
  )
  const best = usable.find(({ onPath }) => onPath) ?? usable.toSorted((a, b) => b.major - a.major)[0]
  if (best) return { found: true, bin: best.bin, major: best.major }
  return { found: false, why: candidates.map(explainRefusal).join('; ') || 'no PostgreSQL was found' }
}

function explainRefusal({ bin, major, missing }: Candidate): string {
  if (missing.length > 0) return `${bin} lacks ${missing.join(', ')}`
  if (major === undefined) return `${bin}/postgres does not say its version`
  return `${bin} is PostgreSQL ${major}, older than ${OLDEST_POSTGRES}`
}
