import type { RehearsedMigration } from '../../domain/proof.ts'

/** Times are the server's own, epoch ms. */
export type Seen =
  | {
      /** `ddl`: at the end of a statement, told by the server itself · `sample`: by looking now and then. */
      kind: 'ddl' | 'sample'
      pid: number
      /** When the transaction and the statement began, and when this was seen. */
      transaction: number
      statement: number
      at: number
      locks: { table: string; mode: string }[]
    }
  | {
      /** A row was written into the tool's own record: the migration that it names is done. */
      kind: 'mark'
      pid: number
      transaction: number
      at: number
      row: string
    }

type Mark = Extract<Seen, { kind: 'mark' }>
type Locked = Exclude<Seen, { kind: 'mark' }>

/** Weakest first. Those that only read are nobody's concern. */
const MODES = [
  'RowExclusiveLock',
  'ShareUpdateExclusiveLock',
  'ShareLock',
  'ShareRowExclusiveLock',
  'ExclusiveLock',
  'AccessExclusiveLock',
]

/**
 * Which migration took how long and held what. The tool's own record tells where one ends; where it does not, and there are
 * several, they stay together.
 */
export function attributeLocks(
  done: readonly { name: string; title: string; ms: number }[],
  seen: readonly Seen[],
): RehearsedMigration[] {
  const marks = seen.filter((each): each is Mark => each.kind === 'mark')
  const locked = seen.filter((each): each is Locked => each.kind !== 'mark')
  const ends = done.map(({ name }) => marks.findLast(({ row }) => names(row, name)))
  const told = ends.every((end, i) => end !== undefined && (i === 0 || end.at > (ends[i - 1]?.at ?? 0)))
  if (!told) {
    if (done.length === 0) return []
    const name = done.map(({ title }) => title).join(' + ')
    return [{ name, ms: done.reduce((sum, { ms }) => sum + ms, 0), locks: strongest(locked, null) }]
  }
  return done.flatMap(({ title }, i) => {
    const end = ends[i]
    if (end === undefined) return []
    const after = ends[i - 1]?.at ?? 0
    const own = locked.filter(({ at, statement }) => at > after && statement <= end.at)
    const began = Math.max(after, Math.min(end.transaction, ...own.map(({ transaction }) => transaction)))
    return [{ name: title, ms: Math.max(1, Math.round(end.at - began)), locks: strongest(own, end) }]
  })
}

/** The strongest on each table, from the statement that took it until its transaction was seen last. */
function strongest(locked: readonly Locked[], end: Mark | null): RehearsedMigration['locks'] {
  const tables = [...new Set(locked.flatMap(({ locks }) => locks.map(({ table }) => table)))].sort()
  return tables.flatMap((table) => {
    const holds = locked.flatMap((seen) =>
      seen.locks
        .filter((lock) => lock.table === table && MODES.includes(lock.mode))
        .map(({ mode }) => ({ ...seen, mode })),
    )
    const rank = Math.max(...holds.map(({ mode }) => MODES.indexOf(mode)))
    const mode = MODES[rank]
    if (mode === undefined) return []
    const strong = holds.filter((hold) => hold.mode === mode)
    const from = Math.min(...strong.map(({ statement }) => statement))
    const sameTransaction =
      end !== null &&
      strong.some(({ pid, transaction }) => pid === end.pid && transaction === end.transaction)
    const until = Math.max(...strong.map(({ at }) => at), sameTransaction ? end.at : 0)
    return [{ table, mode, ms: Math.max(1, Math.round(until - from)) }]
  })
}

/** Not as a part of another one: 2_a is in 12_a. */
function names(row: string, name: string): boolean {
  const at = row.indexOf(name)
  if (at < 0) return false
  const whole = (character: string | undefined) => character === undefined || !/[\w.-]/.test(character)
  return whole(row[at - 1]) && whole(row[at + name.length])
}
