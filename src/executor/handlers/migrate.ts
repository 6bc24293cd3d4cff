import type { NewEvent } from '../../domain/event.ts'
import { compareMigrations, type ReleaseSchema, titleOf } from '../../domain/migration.ts'
import type { Step } from '../../domain/plan.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { progressOf } from '../../domain/run.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { databaseOf, filesOf, schemaOf } from '../database-of.ts'
import type { StepContext, StepHandler, StepResult } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'
import { namesNoted, namesOnce } from './names-once.ts'

/** What the new release brings is applied while the old one serves; taken back with the new one's own files. */
export function migrateUp(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'unknown'
    },
    run: (step, context) => up(ports, step.params.release, context),
    async undo(step, context) {
      const unsaid = { noted: 'toApply', said: 'applied', isApplied: true }
      const names = await unsaidOf(ports, step, context, unsaid)
      const back = await takeBack(ports, step, context)
      return withEarlier(names.length === 0 ? [] : [applied(ports, step.params.release, names, null)], back)
    },
  }
}

/** As the rehearsal has shown: what served runs on the new schema, or the way down leads back, or a person is needed. */
async function takeBack(ports: StepPorts, { params }: Step, context: StepContext): Promise<StepResult> {
  const { release, from } = params
  const before = from === null ? null : await schemaOf(ports, from)
  // Which of them were there before nobody knows, so none is taken down.
  if (before === null) return { evidence: { migrations: 'left as they are' } }
  const proof = ports.state.proofs.get(release)
  if (proof?.oldCodeOnNewSchema?.outcome === 'passed')
    return { evidence: { migrations: `left applied: ${from} runs on the new schema` } }
  if (proof?.down.kind === 'impossible')
    throw new OperatorError('NO_WAY_DOWN', { release, why: proof.down.why ?? 'the rehearsal found none' })
  return down(ports, release, from, context)
}

/** With the files of the release that applied them, never with those of the one that is gone back to. */
export function migrateDown(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'unknown'
    },
    run: (step, context) =>
      down(ports, step.params.runner ?? step.params.release, step.params.release, context),
    async undo(step, context) {
      const { release, runner = release } = step.params
      const unsaid = { noted: 'toTakeDown', said: 'takenDown', isApplied: false }
      const names = await unsaidOf(ports, step, context, unsaid)
      const back = await up(ports, runner, context)
      return withEarlier(names.length === 0 ? [] : [takenDown(ports, runner, release, names, null)], back)
    },
  }
}

function withEarlier(earlier: NewEvent[], result: StepResult): StepResult {
  return { ...result, events: [...earlier, ...(result.events ?? [])] }
}

async function up(ports: StepPorts, release: ReleaseId, context: StepContext): Promise<StepResult> {
  const schema = await schemaOf(ports, release)
  if (schema === null) return { evidence: { migrations: 'none' } }
  const files = await filesOf(ports, release)
  const names = await namesOnce(context, 'toApply', async () => {
    const { pending } = compareMigrations(await appliedBy(ports, release, schema), schema.migrations)
    return pending.map((name) => titleOf(name, schema.migrations))
  })
  const { done, ms } = await databaseOf(ports).migrations.up({ schema, files, signal: context.signal })
  if (names.length === 0) return { evidence: { applied: 'nothing, all are there' } }
  return {
    evidence: { applied: names.join(' '), migrationMs: ms },
    events: [applied(ports, release, names, done.length < names.length ? null : ms)],
  }
}

async function down(
  ports: StepPorts,
  runner: ReleaseId,
  target: ReleaseId | null,
  context: StepContext,
): Promise<StepResult> {
  const schema = await schemaOf(ports, runner)
  if (schema === null) return { evidence: { migrations: 'none' } }
  // Not known is not empty: down to an empty one is everything, the shop's oldest tables too.
  const wanted: ReleaseSchema['migrations'] | null =
    target === null ? null : ((await schemaOf(ports, target))?.migrations ?? null)
  const files = await filesOf(ports, runner)
  const names = await namesOnce(context, 'toTakeDown', async () => {
    const { unknown } = compareMigrations(await appliedBy(ports, runner, schema), wanted ?? schema.migrations)
    return unknown.toReversed().map((name) => titleOf(name, schema.migrations))
  })
  const { signal } = context
  const { done, ms } = await databaseOf(ports).migrations.down({ schema, files, target: wanted, signal })
  if (names.length === 0) return { evidence: { takenDown: 'nothing, none was left' } }
  return {
    evidence: { takenDown: names.join(' '), migrationMs: ms },
    events: [takenDown(ports, runner, target, names, done.length < names.length ? null : ms)],
  }
}

/**
 * What a step did that was cut short, or failed, before it could say so: of what it noted, that which is applied now, or is
 * not. Found before it is taken back. Where the database cannot be asked, the journal is the poorer for it and nothing else.
 */
async function unsaidOf(
  ports: StepPorts,
  step: Step,
  context: StepContext,
  { noted, said, isApplied }: { noted: string; said: string; isApplied: boolean },
): Promise<string[]> {
  const names = namesNoted(context, noted)
  if (names === null || progressOf(context.run, step).evidence[said] !== undefined) return []
  const { release, runner = release } = step.params
  return namesOnce(context, `${noted} unsaid`, async () => {
    const schema = await schemaOf(ports, runner)
    const there = schema === null ? [] : await appliedBy(ports, runner, schema)
    const titles = there.map(({ name }) => titleOf(name, schema?.migrations ?? []))
    return names.filter((title) => titles.includes(title) === isApplied)
  }).catch(() => [])
}

async function appliedBy(ports: StepPorts, release: ReleaseId, schema: ReleaseSchema) {
  return databaseOf(ports).migrations.applied(schema, { files: await filesOf(ports, release) })
}

const applied = (ports: StepPorts, release: ReleaseId, names: string[], ms: number | null) =>
  eventOf(ports, 'MigrationsApplied', `release/${release}`, { release, names, ms })

const takenDown = (
  ports: StepPorts,
  release: ReleaseId,
  target: ReleaseId | null,
  names: string[],
  ms: number | null,
) => eventOf(ports, 'MigrationsTakenDown', `release/${release}`, { release, target, names, ms })
