import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Failures that pass while the database is being restarted, restored or renamed: the server told us to go
 * (57P01), is starting up (57P03), closes the database to connections (55000), the name is gone for a moment
 * (3D000), or nobody listens.
 */
const PASSING = new Set(['57P01', '57P03', '55000', '3D000', 'ECONNREFUSED', 'ECONNRESET', 'ENOENT'])
const WAITS_MS = [25, 50, 100, 200, 400, 800]

/** `work` must be safe to do twice: a read, or a whole transaction. */
export async function retryPassingFailures<T>(work: () => Promise<T>): Promise<T> {
  for (const wait of WAITS_MS) {
    try {
      return await work()
    } catch (error) {
      if (!isPassing(error)) throw error
      await sleep(wait)
    }
  }
  return work()
}

export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  // Several addresses of one host, all refused.
  if (error instanceof AggregateError) return error.errors.every(isPassing)
  if ('code' in error && typeof error.code === 'string' && PASSING.has(error.code)) return true
  // pg has no code for a connection that ends under a query.
  return error.message.startsWith('Connection terminated')
}
