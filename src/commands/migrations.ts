import {
  type AppliedMigration,
  compareMigrations,
  migrationsToUndo,
  type ReleaseSchema,
  releaseThatKnows,
  type UndoDecision,
} from '../domain/migration.ts'
import { lastKnownGood, type Release, type ReleaseId } from '../domain/release.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { appliedNow, databaseOf, filesOf, type Parts, schemaOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import { requireRelease } from '../planner/choose-target.ts'
import type { MigrationsDone } from '../ports/migrations.ts'
import { doneLines, downPlanLines, statusLines } from '../render/migrations-text.ts'
import { confirm } from './plan-and-run.ts'
import { withLease } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

/** What the database has applied against what serves, and the way back from there. */
export async function status(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const { parts, state, live, schema } = await openMigrations(session)
  const applied = (await appliedNow(parts, live)) ?? []
  const comparison = compareMigrations(applied, schema.migrations)
  const back = lastKnownGood(state.releases.filter(({ id }) => id !== live))
  const target = back === null ? null : await schemaOf(parts, back.id)
  const way =
    back === null || target === null
      ? null
      : { to: back.id, decision: migrationsToUndo(applied, target.migrations, schema.migrations) }
  input.screen.lines(statusLines({ live, schema, applied, comparison, way }, input.screen.width))
  return { exit: 0, document: { live, tool: schema.tool, applied, comparison, way, schema } }
}

/** Applies what the serving release brings and the database does not have. */
export async function up(input: CommandInput): Promise<CommandResult> {
  const planOnly = input.options.plan === true
  const session = await input.open({ write: !planOnly })
  const { parts, live, schema } = await openMigrations(session)
  const applied = (await appliedNow(parts, live)) ?? []
  const { pending } = compareMigrations(applied, schema.migrations)
  input.screen.line(
    pending.length === 0
      ? `Everything that ${live} brings is applied.`
      : `Apply with the files of ${live}: ${pending.join(', ')}`,
  )
  if (planOnly || pending.length === 0) return { exit: 0, document: { live, pending, done: [] } }
  await confirm(input, 'migrations up', `Apply ${pending.length} to the database of ${session.service}?`)

  const files = await filesOf(parts, live)
  const { migrations } = databaseOf(session)
  const done = await withLease(input, session, `migrations up (${live})`, async (_lease, signal) => {
    const result = await migrations.up({ schema, files, signal })
    await record(session, 'MigrationsApplied', live, null, result)
    return result
  })
  input.screen.lines(doneLines('applied', done))
  return { exit: 0, document: { live, ...done } }
}

/** Takes down, by release, what the target does not have: with the files of the release that applied it. */
export async function down(input: CommandInput): Promise<CommandResult> {
  const name = input.options.to
  if (typeof name !== 'string') {
    const detail = 'migrations down goes to the schema of a release, and never by step: name it with --to.'
    throw new OperatorError('USAGE', { detail, command: 'migrations down' })
  }
  const planOnly = input.options.plan === true
  const session = await input.open({ write: !planOnly })
  const { parts, state, live } = await openMigrations(session)
  const target = await requireTarget(parts, state, name)
  const applied = (await appliedNow(parts, live)) ?? []
  const runner = await chooseRunner(parts, state, live, applied)
  const decision = migrationsToUndo(applied, target.schema.migrations, runner.migrations)
  input.screen.lines(
    downPlanLines({ to: target.release.id, runner: runner.release, decision }, input.screen.width),
  )
  const document = { to: target.release.id, runner: runner.release, decision }
  if (!decision.ok) throw refusalOf(decision, runner)
  if (planOnly || decision.undo.length === 0) return { exit: 0, document }
  await confirmDown(input, session, target.release, decision.undo.length, live)

  const files = await filesOf(parts, runner.release)
  const { migrations } = databaseOf(session)
  const request = { schema: runner, files, target: target.schema.migrations }
  const purpose = `migrations down to ${target.release.id}`
  const done = await withLease(input, session, purpose, async (_lease, signal) => {
    const result = await migrations.down({ ...request, signal })
    await record(session, 'MigrationsTakenDown', runner.release, target.release.id, result)
    return result
  })
  input.screen.lines(doneLines('taken down', done))
  return { exit: 0, document: { ...document, ...done } }
}

interface Opened {
  parts: Parts
  state: ServiceState
  live: ReleaseId
  schema: ReleaseSchema
}

async function openMigrations(session: Session): Promise<Opened> {
  const { store, configPath, database, service } = session
  databaseOf(session)
  const state = await session.state()
  if (state.live === null) throw new OperatorError('NOTHING_LIVE', { service })
  const parts = { store, configPath, database, state }
  return { parts, state, live: state.live, schema: await requireSchema(parts, state.live) }
}

async function requireSchema(parts: Parts, release: ReleaseId): Promise<ReleaseSchema> {
  const schema = await schemaOf(parts, release)
  if (schema !== null) return schema
  throw new OperatorError('MIGRATIONS_UNREADABLE', { detail: `${release} brings none that lastgood knows` })
}

async function requireTarget(parts: Parts, state: ServiceState, name: string) {
  const found = requireRelease(state, name)
  if ('refused' in found) throw new OperatorError(found.refused.code, found.refused.params)
  return { release: found.release, schema: await requireSchema(parts, found.release.id) }
}

type Runner = ReleaseSchema & { release: ReleaseId }

/** What serves where it knows everything that is applied, else the newest release that does: never an older checkout. */
async function chooseRunner(
  parts: Parts,
  state: ServiceState,
  live: ReleaseId,
  applied: readonly AppliedMigration[],
): Promise<Runner> {
  const serving = { ...(await requireSchema(parts, live)), release: live }
  if (releaseThatKnows(applied, [serving]) !== null) return serving
  const others = state.releases.filter(({ id, retiredAt }) => id !== live && retiredAt === null)
  for (const { id } of others.reverse()) {
    const schema = await schemaOf(parts, id).catch(() => null)
    if (schema !== null && releaseThatKnows(applied, [schema]) !== null) return { ...schema, release: id }
  }
  // None does: refused with the lists of what serves.
  return serving
}

function refusalOf(decision: UndoDecision & { ok: false }, { tool }: Runner): OperatorError {
  if (decision.reason === 'forward-only') {
    const migrations = decision.migrations.map(({ title }) => title).join(', ')
    return new OperatorError('MIGRATION_FORWARD_ONLY', { migrations })
  }
  const { details } = decision
  return new OperatorError('MIGRATIONS_DIFFER', { tool, count: details.length }, { details })
}

async function confirmDown(
  input: CommandInput,
  session: Session,
  target: Release,
  count: number,
  live: ReleaseId,
): Promise<void> {
  if (live !== target.id)
    input.screen.line(
      `  ${live} serves on, on the schema of ${target.id}, until: lastgood rollback ${target.id}`,
      'yellow',
    )
  await confirm(input, 'migrations down', `Take ${count} down from the database of ${session.service}?`)
}

async function record(
  session: Session,
  type: 'MigrationsApplied' | 'MigrationsTakenDown',
  release: ReleaseId,
  target: ReleaseId | null,
  { done, ms }: MigrationsDone,
): Promise<void> {
  if (done.length === 0) return
  const ports = { actor: session.actor, clock: session.clock, state: await session.state() }
  const names = done.map(({ title }) => title)
  const subject = `release/${release}`
  await session.journal.append([
    type === 'MigrationsApplied'
      ? eventOf(ports, type, subject, { release, names, ms })
      : eventOf(ports, type, subject, { release, target, names, ms }),
  ])
}
