import pg from 'pg'
import { waitUntil } from '../wait-until.ts'

export type Seen = { acknowledged: string[]; failed: string[]; longestGapMs: number; answers: number }

/** Clients that order without a pause, each on a connection of its own, and come again when it breaks. */
export function startClients(url: string, count: number) {
  const seen: Seen = { acknowledged: [], failed: [], longestGapMs: 0, answers: 0 }
  let going = true
  let last = performance.now()
  const work = async () => {
    let client: pg.Client | null = null
    while (going) {
      try {
        if (client === null) {
          const opened = new pg.Client({ connectionString: url })
          opened.on('error', () => {})
          await opened.connect()
          client = opened
        }
        const { rows } = await client.query(
          'INSERT INTO orders (product_id, quantity) VALUES (3, 2) RETURNING id',
        )
        seen.acknowledged.push(rows[0].id)
        seen.answers++
        seen.longestGapMs = Math.max(seen.longestGapMs, performance.now() - last)
        last = performance.now()
      } catch (error) {
        seen.failed.push(String(error))
        await client?.end().catch(() => {})
        client = null
        await new Promise((resolve) => setTimeout(resolve, 2))
      }
    }
    await client?.end()
  }
  const all = Promise.all(Array.from({ length: count }, work))
  return {
    seen,
    flowing: (more = 50) => {
      const from = seen.answers
      return waitUntil(() => seen.answers > from + more, { what: 'the clients’ orders' })
    },
    async stop() {
      going = false
      await all
    },
  }
}
