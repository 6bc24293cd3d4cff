import type { InvariantResult } from '../../ports/invariants.ts'
import type { Table } from '../postgres/session.ts'

/** `pg_type.oid`s of numbers: int2, int4, int8, float4, float8, numeric. */
const NUMBERS = new Set([21, 23, 20, 700, 701, 1700])
const BOOLEAN = 16

export type Judged = Pick<InvariantResult, 'outcome' | 'evidence'>

/** One row with one column: 0 or true is well, another number or false is a violation; anything else tells nothing. */
export function judgeTable(table: Table): Judged {
  const single = singleValue(table)
  if (typeof single === 'string') return { outcome: 'unknown', evidence: single }
  const { value, type } = single
  if (value === null) return { outcome: 'unknown', evidence: 'it answered NULL: use coalesce()' }
  if (type === BOOLEAN)
    return value === true
      ? { outcome: 'passed', evidence: 'true' }
      : { outcome: 'failed', evidence: 'false, and true is well' }
  const number = NUMBERS.has(type) ? Number(value) : Number.NaN
  if (Number.isNaN(number))
    return { outcome: 'unknown', evidence: 'it answered no number and no true or false' }
  return number === 0
    ? { outcome: 'passed', evidence: '0' }
    : { outcome: 'failed', evidence: `${String(value)}, and 0 is well` }
}

/** A text says why there is none. */
export function numberIn(table: Table): number | string {
  const single = singleValue(table)
  if (typeof single === 'string') return single
  const number = single.value === null || !NUMBERS.has(single.type) ? Number.NaN : Number(single.value)
  return Number.isFinite(number) ? number : 'it answered no number'
}

function singleValue({ types, rows }: Table): { value: unknown; type: number } | string {
  const [type] = types
  const [row] = rows
  if (type === undefined || types.length > 1) return `it has ${types.length} columns and must have one`
  if (row === undefined) return 'it answered no row and must answer one'
  if (rows.length > 1) return 'it answered more than one row: count them in the query'
  return { value: row[0], type }
}
