import { tableTitle } from '../../domain/salvage.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { Sql } from '../postgres/session.ts'
import { sqlState } from '../postgres/translate-error.ts'
import type { TablePair } from './pair-tables.ts'

const NOT_ALLOWED = '42501'

/**
 * What triggers did when the rows were first written is in the damaged database, and comes back as rows: done again it would
 * be there twice. Turning them off is a superuser's right, or a granted one. @returns whether they are off
 */
export async function turnTriggersOff(sql: Sql): Promise<boolean> {
  await sql.query('savepoint lastgood_triggers')
  try {
    await sql.query("set local session_replication_role = 'replica'")
    await sql.query('release savepoint lastgood_triggers')
    return true
  } catch (error) {
    if (sqlState(error) !== NOT_ALLOWED) throw error
    // Released as well: rows written inside a savepoint have its transaction number, not ours.
    await sql.query('rollback to savepoint lastgood_triggers; release savepoint lastgood_triggers')
    return false
  }
}

/**
 * With triggers on, foreign keys are checked at every statement, so a ring of tables has no right order: only one whose
 * checks can wait for the end can be written. @throws OperatorError SALVAGE_CYCLE
 */
export async function openRings(sql: Sql, rings: readonly TablePair[][], user: string): Promise<void> {
  if (rings.length === 0) return
  for (const ring of rings) {
    const deferrable = ring.some((pair, i) => {
      const next = ring[(i + 1) % ring.length]
      const keys = pair.restored.foreignKeys.filter(
        ({ parentRoot: root }) => root.schema === next?.schema && root.name === next.name,
      )
      return keys.every((key) => key.deferrable)
    })
    if (!deferrable)
      throw new OperatorError('SALVAGE_CYCLE', { cycle: ring.map(tableTitle).join(' -> '), user })
  }
  await sql.query('set constraints all deferred')
}
