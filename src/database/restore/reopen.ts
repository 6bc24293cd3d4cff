import { type DamagedMark, type NextMark, writeMark } from '../../domain/database-mark.ts'
import { isSwapping } from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import { resumePools } from '../postgres/pgbouncer.ts'
import { inTransaction, type Sql } from '../postgres/session.ts'
import { observeDatabases } from './observe-databases.ts'
import type { Workplace } from './restoration-parts.ts'

const EVERY_MS = 10

/**
 * Ends what a killed swap left: a script that still runs on the server is waited for (it ends by itself within its
 * patience), then databases that refuse connections because of it take them again, and PgBouncer goes on.
 * @throws OperatorError SWAP_RUNNING, PGBOUNCER_*
 */
export async function reopenDatabases(control: Sql, at: Workplace): Promise<boolean> {
  const { database } = at.places
  const deadline = at.clock.now() + at.patience.swapMs + 5000
  let view = await observeDatabases(control, database)
  while (view.swapRunning) {
    if (at.clock.now() > deadline) throw new OperatorError('SWAP_RUNNING', { database })
    await at.clock.sleep(EVERY_MS)
    view = await observeDatabases(control, database)
  }
  const cut = isSwapping(view)
  if (cut) {
    await inTransaction(control, async () => {
      if (view.live !== null) await allow(control, view.live.name)
      for (const { name, mark } of [...view.next, ...view.damaged]) {
        if (mark.state !== 'swapping' && mark.state !== 'ready') continue
        await allow(control, name)
        await control.query(
          `COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(writeMark(atRest(mark)))}`,
        )
      }
    })
  }
  const resumed = at.pgbouncerUrl === null ? [] : await resumePools(at.pgbouncerUrl, database)
  return cut || resumed.length > 0
}

function atRest(mark: NextMark | DamagedMark): NextMark | DamagedMark {
  return mark.role === 'next' ? { ...mark, state: 'carried' } : { ...mark, state: 'kept' }
}

async function allow(control: Sql, name: string): Promise<void> {
  await control.query(`ALTER DATABASE ${quoteIdentifier(name)} ALLOW_CONNECTIONS true`)
}
