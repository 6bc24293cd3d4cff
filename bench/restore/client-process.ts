import pg from 'pg'

/**
 * Clients of a store's database, in a process of their own so that nothing else delays them: each reads a product and writes
 * an order, again and again, on a connection that it keeps. What is written can be told from the rest by its total.
 */
type Order = { url: string; clients: number } | 'stop' | 'start' | 'begin' | 'mark' | 'end'
export type Measured = {
  longestGapMs: number
  /** Since the mark. */
  longestGapSinceMs: number
  failed: number
  succeeded: number
  reasons: Record<string, number>
}

const RETRY_MS = 5
let serving = true
let going = true
let last = performance.now()
let measured: Measured = fresh()

process.on('message', (order: Order) => {
  if (typeof order === 'object') for (let n = 0; n < order.clients; n++) void work(order.url)
  else if (order === 'stop') serving = false
  else if (order === 'start') serving = true
  else if (order === 'mark') measured.longestGapSinceMs = 0
  else if (order === 'begin') [measured, last] = [fresh(), performance.now()]
  else {
    going = false
    process.send?.(measured, () => process.disconnect())
  }
})

/** How many requests succeed, told now and then. */
setInterval(() => process.connected && process.send?.({ succeeded: measured.succeeded }), 20).unref()

async function work(url: string): Promise<void> {
  let client: pg.Client | null = null
  while (going) {
    // The app is stopped: whoever asks is refused.
    if (!serving) {
      await client?.end().catch(() => {})
      client = null
      await fail('the service is stopped')
      continue
    }
    try {
      if (client === null) {
        const opened = new pg.Client({ connectionString: url })
        opened.on('error', () => {})
        await opened.connect()
        client = opened
      }
      await client.query('SELECT name, price_cents FROM products WHERE id = 1 + (random() * 9999)::int')
      await client.query(
        'INSERT INTO orders (id, user_id, total_cents) VALUES (gen_random_uuid(), 1 + (random() * 19999)::int, -1)',
      )
      const now = performance.now()
      measured.longestGapMs = Math.max(measured.longestGapMs, now - last)
      measured.longestGapSinceMs = Math.max(measured.longestGapSinceMs, now - last)
      measured.succeeded++
      last = now
    } catch (error) {
      await client?.end().catch(() => {})
      client = null
      await fail(error instanceof Error ? error.message : String(error))
    }
  }
  await client?.end().catch(() => {})
}

async function fail(reason: string): Promise<void> {
  measured.failed++
  measured.reasons[reason] = (measured.reasons[reason] ?? 0) + 1
  await new Promise((resolve) => setTimeout(resolve, RETRY_MS))
}

function fresh(): Measured {
  return { longestGapMs: 0, longestGapSinceMs: 0, failed: 0, succeeded: 0, reasons: {} }
}
