import type { CheckpointId } from './checkpoint.ts'
import type { ReleaseId } from './release.ts'
import type { CheckResult, Outcome } from './verification.ts'

/** What a rehearsal of a release's way back has shown, on a private copy of the database. */
export interface Proof {
  release: ReleaseId
  /** The release it was rehearsed to go back to; null: nothing serves yet. */
  back: ReleaseId | null
  at: string
  ms: number
  copy: TrialCopyFacts
  /** In the order they were applied. */
  up: RehearsedMigration[]
  /** Null: nothing serves yet, or the release brings no migrations. */
  oldCodeOnNewSchema: TriedRelease | null
  newRelease: TriedRelease
  down: RehearsedDown
}

export interface TrialCopyFacts {
  kind: 'full' | 'schema-only'
  checkpoint: CheckpointId | null
  /** Why it is not full, and what is in it instead. */
  why: string | null
}

export interface RehearsedMigration {
  /** Several, where its tool does not show where one ends and the next begins: `0002_orders + 0003_reviews`. */
  name: string
  ms: number
  /** Of tables that were there before: the strongest lock on each, and how long it was held. */
  locks: { table: string; mode: string; ms: number }[]
}

export interface TriedRelease {
  outcome: Outcome
  checks: CheckResult[]
}

/**
 * `reversible`: schema and rows as they were · `lossy`: what the release brought goes with it, counted in `lost` ·
 * `impossible`: it fails, or it leaves something that is not what was there before (`differences`).
 */
export interface RehearsedDown {
  kind: 'not needed' | 'reversible' | 'lossy' | 'impossible'
  why: string | null
  ms: number | null
  lost: Loss[]
  differences: string[]
}

/** Read as `12 of the values in public.orders.note`. */
export interface Loss {
  what: string
  rows: number
  /** What goes whole, so that it can be counted again before it does: a table (`schema.table`), or one of its columns. */
  whole?: { table: string; column: string | null }
}

export interface WayBack {
  ok: boolean
  because: string
}

/** Is there a way back from the release, code alone or with its migrations taken down? In words that follow `because`. */
export function wayBack(proof: Proof): WayBack {
  const { back, oldCodeOnNewSchema: old, down } = proof
  if (back === null) return { ok: true, because: 'nothing served before it' }
  if (down.kind === 'not needed') return { ok: true, because: 'the schema stays as it is' }
  if (old?.outcome === 'passed') return { ok: true, because: `${back} runs on the new schema` }
  if (down.kind === 'reversible')
    return { ok: true, because: 'its migrations can be taken down, and nothing is lost' }
  if (down.kind === 'lossy')
    return { ok: true, because: `its migrations can be taken down; with them go ${describeLost(down.lost)}` }
  return {
    ok: false,
    because: `${describeOld(back, old)}, and its migrations cannot be taken down: ${down.why ?? 'nobody has tried'}`,
  }
}

export function describeLost(lost: readonly Loss[]): string {
  return lost.map(({ what, rows }) => `${rows} of ${what}`).join(', ')
}

/** The first thing that was not as it should be. */
export function describeTrouble({ outcome, checks }: TriedRelease): string | null {
  if (outcome === 'passed') return null
  const wrong = checks.find((check) => check.outcome === outcome)
  return wrong === undefined ? 'nothing answered in private' : `${wrong.name}: ${wrong.evidence}`
}

function describeOld(back: ReleaseId, old: TriedRelease | null): string {
  const trouble = old === null ? null : describeTrouble(old)
  const verdict =
    old?.outcome === 'failed' ? 'does not run on the new schema' : 'was not seen on the new schema'
  return trouble === null ? `${back} ${verdict}` : `${back} ${verdict} (${trouble})`
}
