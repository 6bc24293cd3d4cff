import { withClient } from '../../lab/database/open-shop.ts'
import { parseConnection } from '../../src/database/postgres/connection.ts'
import { describeContent } from '../../src/database/postgres/content.ts'
import { inTransaction, withSession } from '../../src/database/postgres/session.ts'
import { compareContent } from '../../src/domain/compare-content.ts'
import { startClients } from './clients.ts'
import { watchDisk } from './watch-disk.ts'
import type { Site, Way } from './way.ts'

export const CLIENTS = 8

export type RestoreRun = {
  unavailableMs: number
  /** The same from the moment on in which the new database is ready. */
  switchMs: number
  /** The longest time that the disk took for four kilobytes meanwhile. */
  diskMs: number
  failedRequests: number
  totalMs: number
  requests: number
  reasons: Record<string, number>
  /** What is otherwise than in the manifest. */
  differences: string[]
}

/** One restore under clients that read and write, and a look at what they have afterwards. */
export async function measureRestore(way: Way, site: Site): Promise<RestoreRun> {
  await damage(site)
  const clients = startClients(site.lab, way.url(site), CLIENTS)
  try {
    await clients.flowing(200)
    clients.begin()
    await clients.flowing(100)
    const disk = await watchDisk(site.folder)
    const started = performance.now()
    await way.restore(site, clients)
    const totalMs = Math.round(performance.now() - started)
    await clients.flowing(200)
    const diskMs = await disk.end()
    const { longestGapMs, longestGapSinceMs, failed, succeeded, reasons } = await clients.end()
    return {
      unavailableMs: Math.round(longestGapMs),
      switchMs: Math.round(longestGapSinceMs),
      diskMs,
      failedRequests: failed,
      totalMs,
      requests: failed + succeeded,
      reasons,
      differences: await findDifferences(site),
    }
  } finally {
    await clients.close()
    await way.rest(site)
  }
}

/** A bad release: every price wrong, a column too many. */
async function damage({ shop }: Site): Promise<void> {
  await withClient(shop.url, (client) =>
    client.query(
      'UPDATE products SET price_cents = 1; ALTER TABLE products ADD COLUMN IF NOT EXISTS junk text',
    ),
  )
}

/** The clients' own orders are taken out first: they were written after the restore. */
async function findDifferences({ shop, taken }: Site): Promise<string[]> {
  await withClient(shop.url, (client) => client.query('DELETE FROM orders WHERE total_cents = -1'))
  const content = await withSession(parseConnection(shop.url), 'bench', (session) =>
    inTransaction(session, () => describeContent(session), 'isolation level repeatable read'),
  )
  return compareContent(taken.checkpoint.content, content, { reparsed: true })
}
