import type { Checkpoint, Template } from '../../domain/checkpoint.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { Connection } from './connection.ts'
import { copyDatabase, openToAll } from './copy-database.ts'
import { dropDatabase } from './create-database.ts'
import { withMaintenance } from './maintenance.ts'
import { requireRestorable } from './restore-requirements.ts'
import type { Sql } from './session.ts'

/**
 * A new database from a checkpoint that is one itself, which stays as it is. Created closed, and opened when `onCreated` has
 * told whose it is.
 * @throws OperatorError CHECKPOINT_DAMAGED, INTERRUPTED, and those of requireRestorable
 */
export async function restoreTemplate(
  connection: Connection,
  checkpoint: Checkpoint & { template: Template },
  name: string,
  { signal, onCreated }: { signal: AbortSignal; onCreated?: () => Promise<void> },
): Promise<void> {
  const { template, properties } = checkpoint
  await withMaintenance(connection, `restore ${name}`, async (session) => {
    const major = await requireRestorable(session, checkpoint, name)
    const [problem] = await templateProblems(session, template)
    if (problem !== undefined)
      throw new OperatorError('CHECKPOINT_DAMAGED', { checkpoint: checkpoint.id, detail: problem })
    const request = { name, template: template.database, owner: properties.owner }
    try {
      await withMaintenance(connection, 'cancel', (other) =>
        copyDatabase(session, request, { major, other, signal }),
      )
    } catch (error) {
      throw signal.aborted ? new OperatorError('INTERRUPTED', { step: 'restore' }, { cause: error }) : error
    }
    try {
      await onCreated?.()
      await openToAll(session, name, true)
    } catch (error) {
      await dropDatabase(session, name)
      throw error
    }
  })
}

/** An open one may have been written to: then its record still tells, row by row, when it is restored. */
export async function templateProblems(sql: Sql, { database }: Template): Promise<string[]> {
  const [found] = await sql.query<{ open: boolean }>(
    'SELECT datallowconn AS open FROM pg_database WHERE datname = $1',
    [database],
  )
  if (found === undefined) return [`its database ${database} is not on the server`]
  return found.open ? [`its database ${database} was opened, so it may have been written to`] : []
}
