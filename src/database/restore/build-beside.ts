import type { Checkpoint } from '../../domain/checkpoint.ts'
import type { NextMark } from '../../domain/database-mark.ts'
import { nextName } from '../../domain/database-name.ts'
import { type BesideContent, type Restore, stageOf } from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { withControl } from '../postgres/control-session.ts'
import { quoteIdentifier } from '../postgres/identifier.ts'
import { type Sql, withSession } from '../postgres/session.ts'
import { setNextState } from './next-state.ts'
import { observeDatabases } from './observe-databases.ts'
import type { RestorationParts, Workplace } from './restoration-parts.ts'

/**
 * A new database from the checkpoint, while the live one serves. One that a killed run left half done is begun anew.
 * Creating a database cannot be part of a transaction, so there is a moment in which it exists without its mark: an empty
 * one of exactly this name, which has the restore's own id in it, is taken for that, and so is one that nobody was ever let
 * into, as copies of a template begin. Anything else of this name is not ours.
 */
export async function buildNext(
  at: Workplace,
  restoreInto: RestorationParts['restoreInto'],
  restore: Restore,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<BesideContent> {
  const { places, clock, crash } = at
  const name = nextName(places.database, restore.id)
  const { tables } = checkpoint.content
  const content = { tables: tables.length, rows: tables.reduce((sum, table) => sum + table.rows, 0) }
  const mark: NextMark = {
    role: 'next',
    of: places.database,
    restore: restore.id,
    checkpoint: restore.checkpoint,
    state: 'building',
    at: new Date(clock.now()).toISOString(),
    expires: new Date(clock.now() + at.keepMs).toISOString(),
  }
  const begun = clock.now()
  const found = await withControl(places, 'build', async (control) => {
    const view = await observeDatabases(control, places.database)
    const stage = stageOf(view, restore.id)
    if (stage !== 'none' && stage !== 'building') return { done: true }
    const rows = await control.query('SELECT 1 FROM pg_database WHERE datname = $1', [name])
    if (rows.length > 0) {
      if (stage === 'none' && !(await isUnused(at, control, name, checkpoint)))
        throw new OperatorError('DB_NAME_TAKEN', { database: name })
      await control.query(`DROP DATABASE ${quoteIdentifier(name)} WITH (FORCE)`)
    }
    crash('build-beside/cleared')
    return { done: false }
  })
  if (found.done) return { ...content, ms: 0 }

  const onCreated = async () => {
    crash('build-beside/created')
    await withControl(places, 'build', (control) => setNextState(control, { name, mark }, 'building'))
    crash('build-beside/marked')
  }
  await restoreInto(checkpoint, name, { signal, onCreated })
  crash('build-beside/restored')
  await withControl(places, 'build', (control) => setNextState(control, { name, mark }, 'built'))
  return { ...content, ms: clock.now() - begun }
}

async function isUnused(
  at: Workplace,
  control: Sql,
  name: string,
  { template }: Checkpoint,
): Promise<boolean> {
  if (template === null) return isEmpty(at, name)
  const [row] = await control.query<{ unused: boolean }>(
    `SELECT NOT datallowconn AND shobj_description(oid, 'pg_database') IS NULL AS unused
       FROM pg_database WHERE datname = $1`,
    [name],
  )
  return row?.unused === true
}

async function isEmpty(at: Workplace, name: string): Promise<boolean> {
  const [row] = await withSession(at.places.admin(name), 'build', (session) =>
    session.query<{ objects: boolean }>('SELECT EXISTS (SELECT FROM pg_class WHERE oid >= 16384) AS objects'),
  )
  return row?.objects === false
}
