import type { Checkpoint } from '../../domain/checkpoint.ts'
import { compareContent } from '../../domain/compare-content.ts'
import { type BesideContent, isPrepared, type Restore, stageOf } from '../../domain/restore.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import { describeContent } from '../postgres/content.ts'
import { withControl } from '../postgres/control-session.ts'
import { inTransaction, withSession } from '../postgres/session.ts'
import { setNextState } from './next-state.ts'
import { observeDatabases } from './observe-databases.ts'
import type { Workplace } from './restoration-parts.ts'

/** Every row by its hash, every object of the catalogue, every sequence: what was restored is what the checkpoint says. */
export async function verifyNext(
  at: Workplace,
  restore: Restore,
  checkpoint: Checkpoint,
): Promise<BesideContent> {
  const { places, clock } = at
  const { tables } = checkpoint.content
  const size = { tables: tables.length, rows: tables.reduce((sum, table) => sum + table.rows, 0) }
  const begun = clock.now()
  return withControl(places, 'verify', async (control) => {
    const view = await observeDatabases(control, places.database)
    const stage = stageOf(view, restore.id)
    // Later on its sequences have been moved, on purpose.
    if (stage === 'verified' || isPrepared(stage)) return { ...size, ms: 0 }
    const next = view.next.find(({ mark }) => mark.restore === restore.id)
    if (stage !== 'built' || next === undefined)
      throw new OperatorError('RESTORE_NOT_READY', { restore: restore.id, stage, wanted: 'built' })
    const content = await withSession(places.admin(next.name), 'verify', (session) =>
      inTransaction(session, () => describeContent(session), 'isolation level repeatable read read only'),
    )
    const differences = compareContent(checkpoint.content, content, { reparsed: true })
    if (differences.length > 0)
      throw new OperatorError(
        'RESTORE_DIFFERS',
        { checkpoint: checkpoint.id, count: differences.length, first: differences[0] ?? '' },
        { details: differences },
      )
    at.crash('verify-beside/compared')
    await setNextState(control, next, 'verified')
    return { ...size, ms: clock.now() - begun }
  })
}
