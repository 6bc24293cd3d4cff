import type { ReleaseSchema } from '../../domain/migration.ts'
import type { Step } from '../../domain/plan.ts'
import type { ReleaseId } from '../../domain/release.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { databaseOf, filesOf, schemaOf } from '../database-of.ts'
import type { StepContext, StepHandler, StepResult } from '../step-handler.ts'
import { eventOf, type StepPorts } from '../step-ports.ts'

/** What the new release brings is applied while the old one serves; taken back with the new one's own files. */
export function migrateUp(ports: StepPorts): StepHandler {
  return {
    async observe() {
      return 'unknown'
    },
    run: (step, context) => up(ports, step.params.release, context),
    undo: (step, context) => takeBack(ports, step, context),
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
    undo: (step, context) => up(ports, step.params.runner ?? step.params.release, context),
  }
}

async function up(ports: StepPorts, release: ReleaseId, { signal }: StepContext): Promise<StepResult> {
  const schema = await schemaOf(ports, release)
  if (schema === null) return { evidence: { migrations: 'none' } }
  const files = await filesOf(ports, release)
  const { done, ms } = await databaseOf(ports).migrations.up({ schema, files, signal })
  const names = done.map(({ title }) => title)
  if (names.length === 0) return { evidence: { applied: 'nothing, all are there' } }
  return {
    evidence: { applied: names.join(' '), migrationMs: ms },
    events: [eventOf(ports, 'MigrationsApplied', `release/${release}`, { release, names, ms })],
  }
}

async function down(
  ports: StepPorts,
  runner: ReleaseId,
  target: ReleaseId | null,
  { signal }: StepContext,
): Promise<StepResult> {
  const schema = await schemaOf(ports, runner)
  if (schema === null) return { evidence: { migrations: 'none' } }
  // Not known is not empty: down to an empty one is everything, the shop's oldest tables too.
  const wanted: ReleaseSchema['migrations'] | null =
    target === null ? null : ((await schemaOf(ports, target))?.migrations ?? null)
  const files = await filesOf(ports, runner)
  const { done, ms } = await databaseOf(ports).migrations.down({ schema, files, target: wanted, signal })
  const names = done.map(({ title }) => title)
  if (names.length === 0) return { evidence: { takenDown: 'nothing, none was left' } }
  const facts = { release: runner, target, names, ms }
  return {
    evidence: { takenDown: names.join(' '), migrationMs: ms },
    events: [eventOf(ports, 'MigrationsTakenDown', `release/${runner}`, facts)],
  }
}
