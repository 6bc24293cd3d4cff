import { tableTitle } from '../../domain/salvage.ts'
import { isOperatorError, OperatorError } from '../../errors/operator-error.ts'
import type { Connection } from '../postgres/connection.ts'
import { type DatabaseSession, inTransaction, openSession } from '../postgres/session.ts'
import { sqlState } from '../postgres/translate-error.ts'
import type { KeyPart } from './compare-keys.ts'
import type { TablePair } from './pair-tables.ts'
import { predicateExpression, predicateProblem } from './predicate.ts'
import { keyColumns } from './read-rows.ts'
import { fromTable, hashOf, keyIn, textOf } from './row-sql.ts'

const PREDICATE_TIMEOUT_MS = 60_000

/** Undefined column, or a table that is not in this query: it is about another table. */
const NOT_OF_THIS_TABLE = ['42703', '42P01']

export interface Predicate {
  /** Chosen tables that it says nothing about. */
  elsewhere: TablePair[]
  /** Of these keys, as JSON: those whose rows are to be left out. */
  leavesOut(pair: TablePair, keys: readonly (readonly KeyPart[])[]): Promise<Set<string>>
}

/** No predicate: nothing is left out. */
export const noPredicate: Predicate = { elsewhere: [], leavesOut: async () => new Set() }

/**
 * The operator's SQL, in a session of its own: a transaction that cannot write, with a timeout, and sent in the way that
 * takes one statement only. It may use functions and types as the service does, by their short names.
 * @throws OperatorError SALVAGE_PREDICATE_INVALID
 */
export async function withPredicate<T>(
  damaged: Connection,
  text: string,
  pairs: readonly TablePair[],
  work: (predicate: Predicate) => Promise<T>,
): Promise<T> {
  const problem = predicateProblem(text)
  if (problem !== null) throw new OperatorError('SALVAGE_PREDICATE_INVALID', { detail: problem })
  const session = await openSession(damaged, 'salvage', {
    readOnly: true,
    statementTimeoutMs: PREDICATE_TIMEOUT_MS,
  })
  try {
    const elsewhere = await findElsewhere(session, text, pairs)
    return await work({
      elsewhere,
      leavesOut: (pair, keys) =>
        elsewhere.includes(pair) ? Promise.resolve(new Set()) : ask(session, text, pair, keys),
    })
  } finally {
    await session.close()
  }
}

/** Has every table's query planned, without running it. */
async function findElsewhere(
  session: DatabaseSession,
  text: string,
  pairs: readonly TablePair[],
): Promise<TablePair[]> {
  const elsewhere: TablePair[] = []
  let reason: unknown = null
  for (const pair of pairs) {
    const query = `select from ${fromTable(pair.damaged)} where $1::int = 1 and ${predicateExpression(text)} limit 0`
    try {
      await inReadOnly(session, () => session.query(query, [1]))
    } catch (error) {
      if (!NOT_OF_THIS_TABLE.includes(sqlState(error) ?? '')) throw refusal(error, pair)
      reason ??= refusal(error, pair)
      elsewhere.push(pair)
    }
  }
  if (reason !== null && elsewhere.length === pairs.length) throw reason
  return elsewhere
}

async function ask(
  session: DatabaseSession,
  text: string,
  pair: TablePair,
  keys: readonly (readonly KeyPart[])[],
): Promise<Set<string>> {
  const from = fromTable(pair.damaged)
  const { name } = pair
  const alias = `"${name.replaceAll('"', '""')}"`
  const width = pair.key?.length ?? 1
  const columns =
    pair.key === null
      ? `${hashOf(alias, pair)} as k0`
      : pair.key.map(({ column }, i) => `${textOf(alias, column.damaged)} as k${i}`).join(', ')
  const wanted =
    pair.key === null ? `${hashOf(alias, pair)} = any($1::text[])` : keyIn(pair, 'damaged', `${alias}.`)
  const query = `select ${columns} from ${from} where ${wanted} and ${predicateExpression(text)}`
  try {
    const rows = await inReadOnly(session, () =>
      session.query<Record<string, KeyPart>>(query, keyColumns(pair, keys)),
    )
    return new Set(
      rows.map((row) => JSON.stringify(Array.from({ length: width }, (_, i) => row[`k${i}`] ?? null))),
    )
  } catch (error) {
    throw refusal(error, pair)
  }
}

/** Keys and hashes are compared as text, so the text must be what it is in the other sessions. */
const SAME_TEXT = `set local timezone = 'UTC'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres';
set local extra_float_digits = 1; set local bytea_output = 'hex'; set local lc_monetary = 'C'; set local row_security = off`

function inReadOnly<T>(session: DatabaseSession, work: () => Promise<T>): Promise<T> {
  const settled = async () => {
    await session.query(SAME_TEXT)
    return work()
  }
  return inTransaction(session, settled, 'isolation level repeatable read read only')
}

/** What is wrong with the condition; anything else, as a lost connection, stays what it is. */
function refusal(error: unknown, pair: TablePair): unknown {
  const state = sqlState(error)
  if (!isOperatorError(error) || state === null || /^(08|57P|53|58|XX)/.test(state)) return error
  const words =
    state === '57014' ? `it took longer than ${PREDICATE_TIMEOUT_MS / 1000} s` : String(error.params.detail)
  const detail = `on ${tableTitle(pair)}: ${words}`
  return new OperatorError('SALVAGE_PREDICATE_INVALID', { detail }, { cause: error })
}
