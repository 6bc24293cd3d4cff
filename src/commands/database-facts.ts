import type { Checkpoint, KeptCheckpoint } from '../domain/checkpoint.ts'
import type { DatabaseFacts, FittingCheckpoint } from '../domain/database-facts.ts'
import {
  type AppliedMigration,
  compareMigrations,
  isBookkeeping,
  migrationsToUndo,
  type ReleaseSchema,
  releaseThatKnows,
  titleOf,
} from '../domain/migration.ts'
import type { Proof } from '../domain/proof.ts'
import type { Release, ReleaseId } from '../domain/release.ts'
import { findRelease, type ServiceState } from '../domain/service-state.ts'
import { messageOf } from '../errors/operator-error.ts'
import { appliedNow, type Parts, schemaOf } from '../executor/database-of.ts'
import type { DatabasePorts } from '../ports/database.ts'
import type { Session } from './session.ts'

/**
 * What can be seen of the database before a way back is planned. A database that cannot be asked does not stand in the way
 * of a rollback that does not need it: the releases' own records then say which migrations lie between them.
 */
export async function lookAtDatabase(
  session: Session,
  state: ServiceState,
  target: Release,
): Promise<DatabaseFacts | null> {
  const { database } = session
  if (database === null || state.live === null) return null
  const live = state.live
  const { store, configPath } = session
  const parts = { store, configPath, database, state }
  const proof = state.proofs.get(live) ?? null
  const known = { proof, lostByDown: null, checkpoint: null, missing: [] }
  let wanted: ReleaseSchema | null
  let serving: ReleaseSchema | null
  try {
    wanted = await schemaOf(parts, target.id)
    serving = live === target.id ? wanted : await schemaOf(parts, live)
  } catch (error) {
    return {
      ...known,
      ...unread(`its migrations could not be read: ${messageOf(error)}`, namesBetween(state, target)),
    }
  }
  if (wanted === null && serving !== null)
    return { ...known, ...unread(`which migrations ${target.id} needs is not known`, titlesIn(serving)) }
  try {
    const applied = await appliedBy(parts, wanted, serving, live, target.id)
    const needed = wanted?.migrations ?? []
    const { unknown, pending } = compareMigrations(applied, needed)
    const candidates = await runners(parts, [live, ...newestFirst(state)])
    const ahead = unknown.map((name) => titleOf(name, serving?.migrations ?? []))
    return {
      problem: null,
      ahead,
      missing: pending.map((name) => titleOf(name, needed)),
      down: ahead.length === 0 ? { ok: false, why: 'there is none' } : wayDown(applied, wanted, candidates),
      proof,
      lostByDown: await countLost(database, proof, target.id),
      checkpoint: await fittingCheckpoint(
        serving ?? wanted,
        database,
        needed.map(({ name }) => name),
      ),
    }
  } catch (error) {
    const names = new Set((wanted?.migrations ?? []).map(({ name }) => name))
    const ahead = (serving?.migrations ?? []).filter(({ name }) => !names.has(name)).map(({ title }) => title)
    return { ...known, ...unread(`the database could not be asked: ${messageOf(error)}`, ahead) }
  }
}

function unread(problem: string, ahead: string[]): Pick<DatabaseFacts, 'problem' | 'ahead' | 'down'> {
  return { problem, ahead, down: { ok: false, why: problem } }
}

const titlesIn = ({ migrations }: ReleaseSchema): string[] => migrations.map(({ title }) => title)

/** By the names that each release was built with. */
function namesBetween(state: ServiceState, target: Release): string[] {
  const live = findRelease(state, state.live)
  return (live?.migrations ?? []).filter((name) => !(target.migrations ?? []).includes(name))
}

async function appliedBy(
  parts: Parts,
  wanted: ReleaseSchema | null,
  serving: ReleaseSchema | null,
  live: ReleaseId,
  target: ReleaseId,
): Promise<AppliedMigration[]> {
  if (serving !== null) return (await appliedNow(parts, live)) ?? []
  if (wanted !== null) return (await appliedNow(parts, target)) ?? []
  return []
}

interface Runner {
  release: ReleaseId
  migrations: ReleaseSchema['migrations']
}

function wayDown(
  applied: readonly AppliedMigration[],
  wanted: ReleaseSchema | null,
  candidates: readonly Runner[],
): DatabaseFacts['down'] {
  const runner = releaseThatKnows(applied, candidates)
  if (runner === null)
    return { ok: false, why: 'no release that is kept knows every migration that is applied' }
  const decision = migrationsToUndo(applied, wanted?.migrations ?? [], runner.migrations)
  if (decision.ok)
    return { ok: true, migrations: decision.undo.map(({ title }) => title), runner: runner.release }
  if (decision.reason === 'differ') return { ok: false, why: decision.details.join('; ') }
  return { ok: false, why: `${decision.migrations.map(({ title }) => title).join(', ')} has no way down` }
}

async function runners(parts: Parts, ids: readonly ReleaseId[]): Promise<Runner[]> {
  const found: Runner[] = []
  for (const release of new Set(ids)) {
    const schema = await schemaOf(parts, release).catch(() => null)
    if (schema !== null) found.push({ release, migrations: schema.migrations })
  }
  return found
}

function newestFirst({ releases }: ServiceState): ReleaseId[] {
  return releases
    .filter(({ retiredAt }) => retiredAt === null)
    .map(({ id }) => id)
    .reverse()
}

/** Of those whose schema is the target's, the newest. */
async function fittingCheckpoint(
  schema: ReleaseSchema | null,
  { checkpoints, salvage }: DatabasePorts,
  needed: readonly string[],
): Promise<FittingCheckpoint | null> {
  const kept = await checkpoints.list()
  const fitting = kept.findLast((each): each is KeptCheckpoint & { readable: true } => {
    if (!each.readable || each.verification?.ok === false) return false
    const { migrations } = each.checkpoint
    return (
      migrations !== null &&
      migrations.length === needed.length &&
      needed.every((name) => migrations.includes(name))
    )
  })
  if (fitting === undefined) return null
  const { checkpoint, verification } = fitting
  return {
    id: checkpoint.id,
    createdAt: checkpoint.createdAt,
    bytes: checkpoint.bytes,
    verified: verification?.ok === true,
    trialMs: verification?.ms ?? null,
    written: await writtenSince(salvage, checkpoint, schema),
  }
}

/** The rehearsal's figures are of the day of the deploy. */
async function countLost({ salvage }: DatabasePorts, proof: Proof | null, target: ReleaseId) {
  if (proof === null || proof.back !== target) return null
  return salvage.countLosses(proof.down.lost).catch(() => null)
}

async function writtenSince(
  salvage: DatabasePorts['salvage'],
  checkpoint: Checkpoint,
  schema: ReleaseSchema | null,
) {
  const written = await salvage.countSince(checkpoint).catch(() => null)
  return written?.tables.filter((table) => !isBookkeeping(schema, table)) ?? null
}
