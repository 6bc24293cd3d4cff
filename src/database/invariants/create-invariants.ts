import { isOperatorError, messageOf, OperatorError } from '../../errors/operator-error.ts'
import type { InvariantResult, Invariants } from '../../ports/invariants.ts'
import { describeConnection, parseConnection } from '../postgres/connection.ts'
import { type DatabaseSession, inTransaction, openSession, type Table } from '../postgres/session.ts'
import { sqlState, translateError } from '../postgres/translate-error.ts'
import { type Judged, judgeTable, numberIn } from './judge-table.ts'

/** The server ends what takes too long. One that says nothing at all is given up a little later. */
const GRACE_MS = 2_000

/** The connection was no good: another one may be. */
const LOST = new Set(['DB_CONNECTION_LOST', 'DB_UNREACHABLE', 'DB_NOT_THERE'])

/**
 * Questions to the database, one after the other on one kept connection. It is made anew when it was lost: the database may
 * have been swapped under it, which ends every connection.
 */
export function createInvariants({ url }: { url: string }): Invariants {
  let kept: DatabaseSession | null = null
  let last: Promise<unknown> = Promise.resolve()

  async function open(timeoutMs: number): Promise<DatabaseSession> {
    kept ??= await openSession(parseConnection(url), 'invariants', {
      readOnly: true,
      connectTimeoutMs: Math.max(timeoutMs, GRACE_MS),
    })
    return kept
  }

  function forget(): void {
    // Not waited for: on a dead network it would take minutes.
    void kept?.close()
    kept = null
  }

  async function ask(sql: string, timeoutMs: number): Promise<Table> {
    const reused = kept !== null
    try {
      const work = runOnce(await open(timeoutMs), sql, timeoutMs)
      return await withinTime(work, timeoutMs + GRACE_MS, (ms) => {
        forget()
        const detail = `no answer within ${ms} ms, not even a refusal`
        return translateError(new Error(detail), parseConnection(url))
      })
    } catch (error) {
      const waitedOut = kept === null
      if (!isOperatorError(error) || !LOST.has(error.code)) throw error
      forget()
      // It may have been lost while nobody asked anything.
      if (!reused || waitedOut) throw error
      return ask(sql, timeoutMs)
    }
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  return {
    check: ({ sql, timeoutMs }) =>
      inTurn(async (): Promise<InvariantResult> => {
        const startedAt = performance.now()
        const judged = await ask(sql, timeoutMs).then(judgeTable, (error: unknown) =>
          explain(error, timeoutMs),
        )
        return { ...judged, ms: Math.round(performance.now() - startedAt) }
      }),
    number: (sql, timeoutMs) =>
      inTurn(async () => {
        const number = numberIn(await ask(sql, timeoutMs))
        if (typeof number === 'number') return number
        const server = describeConnection(parseConnection(url))
        throw new OperatorError('DB_FAILED', { server, detail: number })
      }),
    async close() {
      await last
      await kept?.close()
      kept = null
    },
  }
}

/** No more than two rows are ever fetched: whether there is more than one is all that is asked. */
async function runOnce(session: DatabaseSession, sql: string, timeoutMs: number): Promise<Table> {
  const lockMs = Math.max(1, Math.floor(timeoutMs / 2))
  return inTransaction(
    session,
    async () => {
      await session.query(`SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL lock_timeout = ${lockMs}`)
      // On a line of its own: the query may end with a comment.
      return session.table(`SELECT * FROM (${sql.replace(/;\s*$/, '')}\n) AS invariant LIMIT 2`)
    },
    'ISOLATION LEVEL REPEATABLE READ READ ONLY',
  )
}

async function withinTime<T>(work: Promise<T>, ms: number, giveUp: (ms: number) => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(giveUp(ms)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

/** `42P01: relation "x" does not exist` */
function explain(error: unknown, timeoutMs: number): Judged {
  const state = sqlState(error)
  if (state === '57014') return { outcome: 'unknown', evidence: `no answer within ${timeoutMs} ms` }
  const cause = isOperatorError(error) && error.cause !== undefined ? error.cause : error
  const words = messageOf(cause) || messageOf(error)
  return { outcome: 'unknown', evidence: state === null ? words : `${state}: ${words}` }
}
