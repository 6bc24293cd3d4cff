import type { Checkpoint, DatabaseProperties } from '../../domain/checkpoint.ts'
import type { Frozen } from '../../domain/database-mark.ts'
import { type CarriedOver, isPrepared, type Restore, stageOf } from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { withControl } from '../postgres/control-session.ts'
import { readDatabaseProperties } from '../postgres/database-properties.ts'
import { quoteIdentifier } from '../postgres/identifier.ts'
import { inTransaction, type Sql, withSession } from '../postgres/session.ts'
import { alterSetting, grantStatements } from './database-settings.ts'
import { READ_ONLY } from './freeze-settings.ts'
import { readHandedOut } from './handed-out.ts'
import { setNextState } from './next-state.ts'
import { observeDatabases } from './observe-databases.ts'
import type { Workplace } from './restoration-parts.ts'
import { moveSequences, readPositions } from './sequences.ts'

/**
 * What is not inside a database and would be lost by changing names, as the live one has it now; as the checkpoint has it
 * when there is no live one. The sequences move once more in the swap; here it is seen that they can.
 */
export async function carry(at: Workplace, restore: Restore, checkpoint: Checkpoint): Promise<CarriedOver> {
  const { places, crash } = at
  const begun = at.clock.now()
  return withControl(places, 'carry over', async (control) => {
    const view = await observeDatabases(control, places.database)
    const next = view.next.find(({ mark }) => mark.restore === restore.id)
    const stage = stageOf(view, restore.id)
    if (stage !== 'carried' && isPrepared(stage)) return { sequences: 0, settings: 0, grants: 0, ms: 0 }
    if (next === undefined || !['verified', 'carried'].includes(stage))
      throw new OperatorError('RESTORE_NOT_READY', { restore: restore.id, stage, wanted: 'verified' })

    const live = view.live
    const { properties, sequences } =
      live === null
        ? { properties: checkpoint.properties, sequences: checkpoint.content.sequences }
        : await withSession(places.admin(places.database), 'carry over', async (session) => ({
            properties: thawed(await readDatabaseProperties(session), live.mark?.frozen ?? null),
            sequences: await readHandedOut(session),
          }))
    await inTransaction(control, () => setProperties(control, next.name, properties))
    crash('carry-over/properties')
    const moved = await withSession(places.admin(next.name), 'carry over', async (session) => {
      await session.query('SET statement_timeout = 0; SET default_transaction_read_only = off')
      const count = await moveSequences(session, await readPositions(session), sequences)
      crash('carry-over/sequences')
      // Not only for its statistics: a fresh load left for autovacuum would have a worker in it, which the swap waits for.
      await session.query('VACUUM (ANALYZE)')
      return count
    })
    crash('carry-over/analyzed')
    await setNextState(control, next, 'carried')
    const { settings, acl } = properties
    return {
      sequences: moved,
      settings: settings.length,
      grants: acl?.length ?? 0,
      ms: at.clock.now() - begun,
    }
  })
}

async function setProperties(control: Sql, name: string, properties: DatabaseProperties): Promise<void> {
  const database = quoteIdentifier(name)
  await control.query(`ALTER DATABASE ${database} OWNER TO ${quoteIdentifier(properties.owner)}`)
  await control.query(`ALTER DATABASE ${database} CONNECTION LIMIT ${properties.connectionLimit}`)
  if (properties.acl !== null) {
    const rows = await control.query<{ role: string }>(
      `SELECT DISTINCT pg_get_userbyid(grantee) AS role FROM pg_database, aclexplode(datacl)
        WHERE datname = $1 AND grantee <> 0`,
      [name],
    )
    const others = rows.map(({ role }) => role).filter((role) => role !== properties.owner)
    for (const sql of grantStatements(name, properties.owner, properties.acl, others))
      await control.query(sql)
  }
  await control.query(`ALTER DATABASE ${database} RESET ALL`)
  for (const { role, setting } of properties.settings) await control.query(alterSetting(name, role, setting))
}

/** Read-only is a state of the one that is replaced, not a setting of its owner. */
function thawed(properties: DatabaseProperties, frozen: Frozen | null): DatabaseProperties {
  if (frozen === null) return properties
  const own = frozen.before.flatMap(({ role, value }) =>
    value === null ? [] : [{ role, setting: `${READ_ONLY}=${value}` }],
  )
  const frozenRoles = frozen.before.map(({ role }) => role)
  const kept = properties.settings.filter(
    ({ role, setting }) => !(setting.startsWith(`${READ_ONLY}=`) && frozenRoles.includes(role)),
  )
  return { ...properties, settings: [...kept, ...own] }
}
