/**
 * What lastgood writes into the COMMENT of a database. A comment belongs to the database and not to its name, so it goes
 * along with every rename, and it can be written in the transaction that renames: names and comments never disagree.
 * It is all the memory a restore has.
 */
export type DatabaseMark = NextMark | DamagedMark | FrozenMark | ControlMark

/**
 * `building`: being filled · `built`: filled · `verified`: equal to its checkpoint · `carried`: with the settings of the
 * live one, ready to take its place · `swapping`: connections to both are refused at this moment · `ready`: and nothing
 * is left to do but to rename · `undone`: it was live, and was taken back
 */
export type NextState = 'building' | 'built' | 'verified' | 'carried' | 'swapping' | 'ready' | 'undone'

export interface NextMark {
  role: 'next'
  /** The database whose place it is to take. */
  of: string
  restore: string
  checkpoint: string
  state: NextState
  at: string
  expires: string
}

export interface DamagedMark {
  role: 'damaged'
  /** The name it had. */
  of: string
  restore: string
  checkpoint: string
  at: string
  expires: string
  /** Going back works the same way: `swapping` and `ready` as for a next one. */
  state: 'kept' | 'swapping' | 'ready'
  /** The oid of what took its place: names can be changed by hand, this cannot. */
  replacedBy: number
  /** The comment it had. */
  comment: string | null
  frozen: Frozen | null
}

/** The live database, while it is read-only. */
export interface FrozenMark {
  role: 'frozen'
  of: string
  frozen: Frozen
  comment: string | null
}

/** Ours to stand in while databases are renamed, in a cluster that has no other. */
export interface ControlMark {
  role: 'control'
  of: string
  at: string
}

export interface Frozen {
  reason: string
  at: string
  /** What `default_transaction_read_only` was for this database (role null) and for roles in it; value null: not set. */
  before: { role: string | null; value: string | null }[]
}

const TAG = ' lastgood:'

/** A sentence for whoever looks with psql, and the same as data. */
export function writeMark(mark: DatabaseMark): string {
  return `${describeMark(mark)}${TAG}${JSON.stringify(mark)}`
}

/** Null: a comment of somebody else, or none. */
export function readMark(comment: string | null): DatabaseMark | null {
  const at = comment?.indexOf(`${TAG}{`) ?? -1
  if (comment === null || at < 0) return null
  try {
    const mark: unknown = JSON.parse(comment.slice(at + TAG.length))
    return isMark(mark) ? mark : null
  } catch {
    return null
  }
}

/** The comment that its owner gave it. */
export function ownComment(comment: string | null): string | null {
  const mark = readMark(comment)
  if (mark === null) return comment
  return mark.role === 'damaged' || mark.role === 'frozen' ? mark.comment : null
}

function isMark(value: unknown): value is DatabaseMark {
  if (typeof value !== 'object' || value === null || !('role' in value) || !('of' in value)) return false
  return ['next', 'damaged', 'frozen', 'control'].includes(String(value.role)) && typeof value.of === 'string'
}

function describeMark(mark: DatabaseMark): string {
  switch (mark.role) {
    case 'next':
      return mark.state === 'undone'
        ? `Stood in for ${mark.of} after restore ${mark.restore} (checkpoint ${mark.checkpoint}), taken back on ${mark.at}; kept until ${mark.expires}.`
        : `Built beside ${mark.of} by restore ${mark.restore} from checkpoint ${mark.checkpoint}, not in use; kept until ${mark.expires}.`
    case 'damaged':
      return `What ${mark.of} was until ${mark.at}, when restore ${mark.restore} (checkpoint ${mark.checkpoint}) took its place; kept until ${mark.expires}.`
    case 'frozen':
      return `Read-only since ${mark.frozen.at}: ${mark.frozen.reason}.`
    case 'control':
      return `Empty; used while ${mark.of} is renamed, and dropped afterwards.`
  }
}
