import type { KeptCheckpoint } from '../domain/checkpoint.ts'
import type { CheckpointSchedule } from '../domain/checkpoint-schedule.ts'
import { compareMigrations } from '../domain/migration.ts'
import { wayBack } from '../domain/proof.ts'
import { isShut } from '../domain/restore.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { isOperatorError, messageOf } from '../errors/operator-error.ts'
import { appliedNow, schemaOf } from '../executor/database-of.ts'
import type { DatabasePorts } from '../ports/database.ts'
import { formatAge, formatMs } from '../render/format.ts'
import { scheduleOf } from './due-checkpoint.ts'
import { type Finding, failed, passed, warned } from './finding.ts'
import type { Session } from './session.ts'

/** Could the data go back as well: the schema, the newest copy, and how old the proof is. */
export async function diagnoseDatabase(session: Session, state: ServiceState): Promise<Finding[]> {
  const { database, clock } = session
  if (database === null) return []
  const schema = await checkSchema(session, database, state)
  return [
    schema,
    checkCheckpoint((await database.checkpoints.list()).at(-1), clock.now()),
    ...checkSchedule(await scheduleOf(session)),
    ...checkProof(state, clock.now()),
    ...(schema.outcome === 'passed' ? await checkRestores(database) : []),
  ]
}

async function checkSchema(session: Session, database: DatabasePorts, state: ServiceState): Promise<Finding> {
  const { store, configPath } = session
  const parts = { store, configPath, database, state }
  try {
    if (state.live === null) return passed('database', 'no release has told yet which schema it needs')
    const schema = await schemaOf(parts, state.live)
    if (schema === null) return passed('database', `${state.live} brings no migrations`)
    const applied = (await appliedNow(parts, state.live)) ?? []
    const { relation, pending, unknown } = compareMigrations(applied, schema.migrations)
    if (relation === 'exact')
      return passed('database', `${applied.length} migrations applied, as ${state.live} needs them`)
    const differs = [
      ...pending.map((name) => `${name} is missing`),
      ...unknown.map((name) => `${name} is not its own`),
    ]
    return warned('database', `${state.live}: ${differs.join(', ')}`, 'lastgood migrations status')
  } catch (error) {
    const fix = isOperatorError(error) ? error.hint : 'lastgood migrations status --debug'
    return failed('database', messageOf(error), fix)
  }
}

function checkCheckpoint(newest: KeptCheckpoint | undefined, now: number): Finding {
  if (newest === undefined) return warned('checkpoint', 'there is none', 'lastgood checkpoint create')
  if (!newest.readable)
    return failed('checkpoint', `${newest.id}: ${newest.problem}`, 'lastgood checkpoint create')
  const { id, createdAt } = newest.checkpoint
  const age = formatAge(createdAt, now)
  if (newest.verification === null)
    return warned(
      'checkpoint',
      `${id}, of ${age}, never restored for trial`,
      `lastgood checkpoint verify ${id}`,
    )
  if (newest.verification.ok)
    return passed(
      'checkpoint',
      `${id}, of ${age}; a trial restore took ${formatMs(newest.verification.restoreMs)}`,
    )
  return failed(
    'checkpoint',
    `${id}: ${newest.verification.differences.slice(0, 2).join('; ')}`,
    'lastgood checkpoint create',
  )
}

function checkSchedule(schedule: CheckpointSchedule | null): Finding[] {
  if (schedule === null) return []
  const at = `${schedule.nextAt.slice(0, 16).replace('T', ' ')} UTC`
  if (!schedule.overdue) return [passed('schedule', `the next checkpoint is due at ${at}`)]
  const text = `a checkpoint is due since ${at}, and nothing takes one`
  return [warned('schedule', text, 'lastgood checkpoint create --if-due   from cron, once an hour')]
}

function checkProof(state: ServiceState, now: number): Finding[] {
  if (state.live === null) return []
  const proof = state.proofs.get(state.live)
  if (proof === undefined) {
    const text = `the way back from ${state.live} was never tried on a copy`
    return [warned('rehearsal', text, 'lastgood rehearse')]
  }
  const { ok, because } = wayBack(proof)
  const text = `${formatAge(proof.at, now)}: ${because}`
  return [ok ? passed('rehearsal', text) : failed('rehearsal', text, 'lastgood rehearse, after mending it')]
}

async function checkRestores({ restoration }: DatabasePorts): Promise<Finding[]> {
  const view = await restoration.observe()
  if (isShut(view))
    return [
      failed('connections', `a swap was cut short, and ${view.database} lets nobody in`, 'lastgood resume'),
    ]
  const frozen = view.live?.mark ?? null
  const findings =
    frozen === null
      ? []
      : [
          failed(
            'writes',
            `${view.database} is read-only`,
            'lastgood resume, or: lastgood restore --unfreeze',
          ),
        ]
  return view.damaged.length === 0
    ? findings
    : [
        ...findings,
        passed('kept', `${view.damaged.map(({ name }) => name).join(', ')}, for lastgood salvage`),
      ]
}
