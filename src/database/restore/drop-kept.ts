import type { DamagedMark, NextMark } from '../../domain/database-mark.ts'
import { type Dropped, expiredOf, type FoundDatabase, type Restore } from '../../domain/restore.ts'
import { messageOf } from '../../errors/operator-error.ts'
import { dropOwn, withControl } from '../postgres/control-session.ts'
import { quoteIdentifier } from '../postgres/identifier.ts'
import type { DatabaseSession } from '../postgres/session.ts'
import { observeDatabases } from './observe-databases.ts'
import { reopenDatabases } from './reopen.ts'
import type { Workplace } from './restoration-parts.ts'

type Kept = FoundDatabase<NextMark | DamagedMark>

/** Only what this restore built and what is not in use; a swapped one is the live database, and has another name. */
export async function dropNext(at: Workplace, restore: Restore): Promise<Dropped> {
  return withControl(at.places, 'drop', async (control) => {
    await reopenDatabases(control, at)
    const view = await observeDatabases(control, at.places.database)
    return dropAll(
      at,
      control,
      view.next.filter(({ mark }) => mark.restore === restore.id),
    )
  })
}

export async function dropOutdated(at: Workplace, now: number): Promise<Dropped> {
  const dropped = await withControl(at.places, 'drop', async (control) => {
    const view = await observeDatabases(control, at.places.database)
    return dropAll(at, control, view.swapRunning ? [] : expiredOf(view, now))
  })
  // What a killed one left; gone already, or in use by another, is as well.
  await dropOwn(at.places).catch(() => {})
  return dropped
}

async function dropAll(
  at: Workplace,
  control: DatabaseSession,
  databases: readonly Kept[],
): Promise<Dropped> {
  const result: Dropped = { dropped: [], left: [] }
  for (const { name, oid } of databases) {
    const reason = await reasonToKeep(control, oid)
    if (reason !== null) {
      result.left.push({ name, reason })
      continue
    }
    try {
      await control.query(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`)
      result.dropped.push(name)
    } catch (error) {
      result.left.push({ name, reason: messageOf(error) })
    }
    at.crash('drop-beside/dropped')
  }
  return result
}

/** DROP DATABASE takes an unused slot with it, without a word, and what somebody still wanted to read from it. */
async function reasonToKeep(control: DatabaseSession, oid: number): Promise<string | null> {
  const [slot] = await control.query<{ name: string }>(
    'SELECT slot_name AS name FROM pg_replication_slots WHERE datoid = $1',
    [oid],
  )
  return slot === undefined ? null : `the replication slot ${slot.name} still reads from it`
}
