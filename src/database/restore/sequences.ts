import type { SequenceContent } from '../../domain/checkpoint.ts'
import { readSequences } from '../postgres/content.ts'
import { qualified } from '../postgres/identifier.ts'
import type { Sql } from '../postgres/session.ts'

interface Bounds {
  schema: string
  name: string
  increment: string
  least: string
  most: string
}

/** Where the sequences of a database are, and how far they may go. */
export interface Positions {
  here: Map<string, SequenceContent>
  bounds: Map<string, Bounds>
}

export async function readPositions(sql: Sql): Promise<Positions> {
  const here = byName(await readSequences(sql))
  const bounds = await sql.query<Bounds>(`
    SELECT schemaname AS schema, sequencename AS name, increment_by::text AS increment,
           min_value::text AS least, max_value::text AS most FROM pg_sequences`)
  return { here, bounds: byName(bounds) }
}

/**
 * Moves every sequence past where the other database had it, never back: numbers that were handed out are on receipts and
 * in mails, and must not be given to somebody else. Sequences that only one of the two has are left alone.
 * @returns how many were moved
 */
export async function moveSequences(
  sql: Sql,
  { here, bounds }: Positions,
  handedOut: readonly SequenceContent[],
): Promise<number> {
  const moves: { sequence: string; value: string }[] = []
  for (const theirs of handedOut) {
    const [ours, bound] = [here.get(keyOf(theirs)), bounds.get(keyOf(theirs))]
    const value = ours === undefined || bound === undefined ? null : further(ours, theirs, bound)
    if (value === null) continue
    moves.push({ sequence: qualified(theirs.schema, theirs.name), value: String(value) })
  }
  if (moves.length > 0)
    await sql.query(
      'SELECT count(setval(name::regclass, value)) FROM unnest($1::text[], $2::bigint[]) AS move (name, value)',
      [moves.map(({ sequence }) => sequence), moves.map(({ value }) => value)],
    )
  return moves.length
}

/** The last number that counts as given; null: it is as far already. */
export function further(
  ours: Pick<SequenceContent, 'lastValue' | 'isCalled'>,
  theirs: Pick<SequenceContent, 'lastValue' | 'isCalled'>,
  { increment, least, most }: Pick<Bounds, 'increment' | 'least' | 'most'>,
): bigint | null {
  const [own, other, low, high] = [ours.lastValue, theirs.lastValue, least, most].map(BigInt)
  if (own === undefined || other === undefined || low === undefined || high === undefined) return null
  // One that never gave a number has nothing to be moved past.
  if (!theirs.isCalled) return null
  const ahead = BigInt(increment) > 0n ? other > own : other < own
  if (!ahead && !(other === own && !ours.isCalled)) return null
  return other < low ? low : other > high ? high : other
}

function byName<T extends { schema: string; name: string }>(list: readonly T[]): Map<string, T> {
  return new Map(list.map((one) => [keyOf(one), one]))
}

function keyOf({ schema, name }: { schema: string; name: string }): string {
  return JSON.stringify([schema, name])
}
