import type { RedisCache } from '../domain/cache-configuration.ts'
import { messageOf } from '../errors/operator-error.ts'
import type { Purged } from '../ports/cache-purger.ts'
import { openRedis, type RedisConnection } from './redis-connection.ts'

const AT_ONCE = 1_000

/** May it be logged in to, and may keys be looked for? */
export async function checkRedis({ url }: RedisCache, signal: AbortSignal): Promise<Purged> {
  const what = placeOf(url)
  try {
    const connection = await openRedis(url, signal)
    await connection.send('SCAN', '0', 'COUNT', '1').finally(() => connection.close())
    return { what, ok: true, keys: null, detail: 'answers' }
  } catch (error) {
    return { what, ok: false, keys: null, detail: messageOf(error) }
  }
}

function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `redis ${hostname}:${port || 6379}/${pathname.slice(1) || '0'}`
}

/** Key by key, by prefix, while the server answers everybody else. Never FLUSHALL: others may keep things there. */
export async function purgeRedis({ url, prefixes }: RedisCache, signal: AbortSignal): Promise<Purged[]> {
  const where = placeOf(url)
  let connection: RedisConnection
  try {
    connection = await openRedis(url, signal)
  } catch (error) {
    return [{ what: where, ok: false, keys: null, detail: messageOf(error) }]
  }
  try {
    const results: Purged[] = []
    for (const prefix of prefixes) {
      const what = `${where} ${prefix}*`
      try {
        const keys = await removeKeys(connection, prefix)
        results.push({ what, ok: true, keys, detail: `${keys} keys` })
      } catch (error) {
        results.push({ what, ok: false, keys: null, detail: messageOf(error) })
      }
    }
    return results
  } finally {
    connection.close()
  }
}

/** SCAN names every key that is there the whole time; one that is named twice is gone already. */
async function removeKeys(connection: RedisConnection, prefix: string): Promise<number> {
  const pattern = `${Buffer.from(prefix)
    .toString('latin1')
    .replace(/[*?[\]\\^]/g, '\\$&')}*`
  let cursor = '0'
  let removed = 0
  do {
    const reply = await connection.send('SCAN', cursor, 'MATCH', pattern, 'COUNT', String(AT_ONCE))
    const [next, keys] = Array.isArray(reply) ? reply : []
    if (typeof next !== 'string' || !Array.isArray(keys)) throw new Error('SCAN was not answered with keys')
    const names = keys.filter((key) => typeof key === 'string')
    if (names.length > 0) removed += Number(await connection.send('UNLINK', ...names))
    cursor = next
  } while (cursor !== '0')
  return removed
}
