import type { TemplateOutlook } from '../../domain/checkpoint.ts'
import type { Connection } from '../postgres/connection.ts'
import { freeSpaceOfServer } from '../postgres/free-space.ts'
import { databaseBytes } from '../postgres/server-facts.ts'
import { withSession } from '../postgres/session.ts'
import type { CheckpointParts } from './parts.ts'
import { listCheckpoints } from './records.ts'

/** What copying the database on the server would cost, as far as it can be known before. */
export async function lookAhead(parts: CheckpointParts, connection: Connection): Promise<TemplateOutlook> {
  const kept = await listCheckpoints(parts.folder)
  const made = kept.flatMap((each) => {
    const template = each.readable ? each.checkpoint.template : null
    return each.readable && template !== null
      ? [{ bytes: each.checkpoint.bytes, heldMs: template.heldMs }]
      : []
  })
  return withSession(connection, 'look ahead', async (session) => {
    const free = await (parts.freeSpaceOfServer ?? freeSpaceOfServer)(session)
    return {
      bytes: await databaseBytes(session, connection.database),
      freeBytes: free?.bytes ?? null,
      made,
    }
  })
}
