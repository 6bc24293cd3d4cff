import { OperatorError } from '../../errors/operator-error.ts'
import { readSequences } from '../postgres/content.ts'
import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'
import type { Pausing } from '../postgres/pgbouncer.ts'
import type { Places } from '../postgres/places.ts'
import { type DatabaseSession, openSession, type Sql } from '../postgres/session.ts'
import { sqlState } from '../postgres/translate-error.ts'
import { type Exchange, exchangeScript, GAVE_UP, waitAloneScript } from './exchange-script.ts'
import { moveSequences, type Positions, readPositions } from './sequences.ts'

export interface Exchanged {
  unavailableMs: number
  sequencesMoved: number
}

/** What differs between a swap and its undoing. */
export type ExchangeOrder = Omit<Exchange, 'outgoing' | 'incoming'> & {
  outgoing: Omit<NonNullable<Exchange['outgoing']>, 'sessionPid'> | null
  incoming: Omit<Exchange['incoming'], 'sessionPid'>
}

/**
 * Runs the script, and does our part of it meanwhile. When it throws, the script has put everything back, or its connection
 * was lost: then nothing is known, and `reopen` looks.
 * @throws OperatorError SWAP_GAVE_UP, DB_CONNECTION_LOST
 */
export async function exchange(
  places: Places,
  control: Sql,
  order: ExchangeOrder,
  { pausing, crash }: { pausing: Pausing; crash: (moment: string) => void },
): Promise<Exchanged> {
  const opened: DatabaseSession[] = []
  const open = async (name: string) => {
    const session = await openSession(places.admin(name), 'swap helper')
    opened.push(session)
    await session.query(`SET statement_timeout = 0; SET default_transaction_isolation = 'read committed'`)
    return session
  }
  try {
    const incoming = await open(order.incoming.name)
    // What comes in may be read-only itself, when a frozen database is taken back.
    await incoming.query('SET default_transaction_read_only = off')
    const outgoing = order.outgoing === null ? null : await open(order.name)
    const positions = await readPositions(incoming)
    // Warms its caches: the first reading of a catalogue takes longer than the rest of the exchange.
    if (outgoing !== null) await readSequences(outgoing)

    const script = exchangeScript({
      ...order,
      outgoing:
        order.outgoing === null || outgoing === null ? null : { ...order.outgoing, sessionPid: outgoing.pid },
      incoming: { ...order.incoming, sessionPid: incoming.pid },
    })
    const begun = performance.now()
    const sequencesMoved = await pausing(async () => {
      crash('paused')
      const ours = () => moveAndLeave(order, { outgoing, incoming, positions }, crash)
      const running = control.query(script)
      // Then our part waits for what will not come.
      running.catch(() => Promise.all(opened.map((session) => session.close())))
      // Whichever fails first, the script's own words say why.
      const [ended, moved] = await Promise.allSettled([running, ours()])
      if (ended.status === 'rejected') throw gaveUp(ended.reason, order.name)
      crash('renamed')
      return moved.status === 'fulfilled' ? moved.value : 0
    })
    crash('resumed')
    return { unavailableMs: Math.round((performance.now() - begun) * 10) / 10, sequencesMoved }
  } finally {
    await Promise.all(opened.map((session) => session.close()))
  }
}

interface Helpers {
  outgoing: DatabaseSession | null
  incoming: DatabaseSession
  /** Of the incoming one, which nobody uses, so they stay as they are. */
  positions: Positions
}

async function moveAndLeave(
  { marks, incoming: { name }, patienceMs }: ExchangeOrder,
  { outgoing, incoming, positions }: Helpers,
  crash: (moment: string) => void,
): Promise<number> {
  try {
    let moved = 0
    // Before that, the script's first mark would be written over ours.
    await (outgoing ?? incoming).query(waitAloneScript(patienceMs))
    crash('alone')
    if (outgoing !== null) {
      moved = await moveSequences(incoming, positions, await readSequences(outgoing))
      crash('sequences-moved')
    }
    await incoming.query(`COMMENT ON DATABASE ${quoteIdentifier(name)} IS ${quoteLiteral(marks.ready)}`)
    crash('ready')
    return moved
  } finally {
    await Promise.all([outgoing?.close(), incoming.close()])
  }
}

function gaveUp(error: unknown, database: string): unknown {
  if (sqlState(error) !== GAVE_UP) return error
  const cause = error instanceof OperatorError ? error.cause : error
  const detail = cause instanceof Error ? cause.message : String(cause)
  return new OperatorError('SWAP_GAVE_UP', { database, detail }, { cause: error })
}
