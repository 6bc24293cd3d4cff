import { resolve } from 'node:path'
import { isBookkeeping, type ReleaseSchema } from '../domain/migration.ts'
import { type Reinsertion, splitTableNames, tableTitle } from '../domain/salvage.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { databaseOf, schemaOf } from '../executor/database-of.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { Lease } from '../ports/journal.ts'
import type { ReinsertRequest, Salvage, Sides } from '../ports/salvage.ts'
import { comparisonLines, exportLines, reinsertionLines } from '../render/salvage-text.ts'
import { confirm } from './plan-and-run.ts'
import { withLease } from './run-plan.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

/** What was written after the checkpoint and is not in the restored database: listed, exported, brought back. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const { reinsert, without } = input.options
  const folder = input.options.export
  if (typeof without === 'string' && typeof reinsert !== 'string')
    throw usage('--without says which rows are not to come back, so it needs --reinsert TABLE,...')
  if (typeof folder === 'string' && typeof reinsert === 'string')
    throw usage('Export first, then bring back: --export and --reinsert are two commands')
  if (typeof reinsert === 'string' && splitTableNames(reinsert).length === 0)
    throw usage('--reinsert needs the names of tables, as in: --reinsert orders,order_items')
  const session = await input.open({ write: typeof reinsert === 'string' && input.options.plan !== true })
  const { salvage } = databaseOf(session)
  const sides: Sides = { damaged: await chooseDamaged(input, salvage, session.service), restored: null }
  if (typeof folder === 'string') return exportTo(input, salvage, sides, folder)
  if (typeof reinsert === 'string') {
    const tables = splitTableNames(reinsert)
    return bringBack(input, session, sides, { tables, without: typeof without === 'string' ? without : null })
  }
  const comparison = await salvage.compare(sides)
  input.screen.lines(comparisonLines(comparison, input.screen.width))
  const schema = await servingSchema(session)
  const wanted = comparison.tables
    .filter((table) => table.inserted > 0 && !isBookkeeping(schema, table))
    .map(tableTitle)
  if (wanted.length > 0) {
    input.screen.lines(['', `Take the rows along: lastgood salvage --export FOLDER`])
    input.screen.line(`Bring the inserts back: lastgood salvage --reinsert ${wanted.join(',')}`)
  }
  return { exit: 0, document: { comparison } }
}

async function exportTo(
  input: CommandInput,
  salvage: Salvage,
  sides: Sides,
  folder: string,
): Promise<CommandResult> {
  const path = resolve(input.world.cwd, folder)
  if (input.options.plan === true) {
    const comparison = await salvage.compare(sides)
    input.screen.lines([
      ...comparisonLines(comparison, input.screen.width),
      '',
      `Would be written to ${path}`,
    ])
    return { exit: 0, document: { comparison, folder: path } }
  }
  const exported = await salvage.export(sides, path)
  input.screen.lines(exportLines(exported))
  return { exit: 0, document: { exported } }
}

async function bringBack(
  input: CommandInput,
  session: Session,
  sides: Sides,
  request: ReinsertRequest,
): Promise<CommandResult> {
  const { screen } = input
  const { salvage } = databaseOf(session)
  const planned = await salvage.rehearse(sides, request)
  screen.lines(reinsertionLines(planned, false, screen.width))
  const nothing = planned.tables.every(({ inserted }) => inserted === 0) && planned.sequences.length === 0
  if (nothing) screen.line('There is nothing to bring back.')
  if (nothing || input.options.plan === true) return { exit: 0, document: { plan: planned } }
  await confirm(input, 'salvage', `Write these rows to ${planned.restored}?`)
  const done = await withLease(input, session, `salvage from ${planned.damaged}`, async (lease) => {
    const result = await salvage.reinsert(sides, request)
    await record(session, lease, result)
    return result
  })
  screen.lines(['', ...reinsertionLines(done, true, screen.width)])
  return { exit: 0, document: { plan: planned, reinsertion: done } }
}

/** Its migration tool's own table belongs to the schema: its rows are never anybody's to bring back. */
async function servingSchema(session: Session): Promise<ReleaseSchema | null> {
  const state = await session.state()
  const { store, configPath, database } = session
  return state.live === null ? null : schemaOf({ store, configPath, database, state }, state.live)
}

async function record(session: Session, lease: Lease, done: Reinsertion): Promise<void> {
  const { actor, clock } = session
  const ports = { actor, clock, state: await session.state() }
  const tables = done.tables.map((table) => ({ table: tableTitle(table), rows: table.inserted }))
  const facts = { from: done.damaged, into: done.restored, tables }
  const event = eventOf(ports, 'RowsSalvaged', `service/${session.service}`, facts)
  await session.journal.append([event], lease)
}

async function chooseDamaged(input: CommandInput, salvage: Salvage, service: string): Promise<string> {
  const { from } = input.options
  if (typeof from === 'string') return from
  const [newest] = await salvage.keptDatabases()
  if (newest === undefined) throw new OperatorError('SALVAGE_NOTHING_KEPT', { database: service })
  return newest.database
}

function usage(detail: string): OperatorError {
  return new OperatorError('USAGE', { detail, command: 'salvage' })
}
