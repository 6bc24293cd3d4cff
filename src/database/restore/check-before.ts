import type { Checkpoint } from '../../domain/checkpoint.ts'
import { nextName } from '../../domain/database-name.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { withControl } from '../postgres/control-session.ts'
import { requireRestorable } from '../postgres/restore-requirements.ts'
import { readServerFacts } from '../postgres/server-facts.ts'
import type { Sql } from '../postgres/session.ts'
import { refuseBlocked } from './before-swap.ts'
import { observeDatabases } from './observe-databases.ts'
import type { Workplace } from './restoration-parts.ts'

/** Everything that is known to stop a restore half way is looked for before its first step. */
export async function checkAll(at: Workplace, checkpoint: Checkpoint): Promise<void> {
  const { places } = at
  const { database } = places
  await withControl(places, 'check', async (control) => {
    const server = await readServerFacts(control)
    if (server.inRecovery)
      throw new OperatorError('DB_READ_ONLY', { server: database, detail: 'it is a standby' })
    const lacking = server.superuser ? [] : await missingRights(control, database, server.createDatabase)
    if (lacking.length > 0)
      throw new OperatorError('RESTORE_NOT_ALLOWED', { user: server.user, detail: lacking.join('; ') })
    // The name stands for the one to come: a restore that is under way has its own already.
    await requireRestorable(control, checkpoint, nextName(database, 'check'))
    const { live } = await observeDatabases(control, database)
    if (live !== null) await refuseBlocked(control, [database], database)
  })
}

/** A superuser lacks none. */
async function missingRights(control: Sql, database: string, createDatabase: boolean): Promise<string[]> {
  const [owner] = await control.query<{ name: string; member: boolean }>(
    `SELECT pg_get_userbyid(datdba) AS name, pg_has_role(datdba, 'MEMBER') AS member
       FROM pg_database WHERE datname = $1`,
    [database],
  )
  return [
    ...(createDatabase ? [] : ['it may not create databases (ALTER ROLE ... CREATEDB)']),
    ...(owner === undefined || owner.member
      ? []
      : [`it is not a member of ${owner.name}, who owns ${database} (GRANT ${owner.name} TO ...)`]),
  ]
}
