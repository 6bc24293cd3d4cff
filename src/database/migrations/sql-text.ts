import { createHash } from 'node:crypto'

export function checksumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

export interface SqlSections {
  up: string
  /** Null: there is no such section, or nothing but comments in it. */
  down: string | null
}

/** `-- Up Migration` and `-- Down Migration`: found exactly as node-pg-migrate finds them. */
export function migrationSections(text: string): SqlSections {
  return cutInTwo(text, /^\s*--[\s-]*up\s+migration/im, /^\s*--[\s-]*down\s+migration/im)
}

/** `-- migrate:up` and `-- migrate:down`, as dbmate writes them. */
export function migrateSections(text: string): SqlSections {
  return cutInTwo(text, /^\s*--\s*migrate:up/m, /^\s*--\s*migrate:down/m)
}

/** Without comments and white space nothing is left: such a way down does nothing, and is none. */
export function hasStatements(sql: string): boolean {
  return (
    sql
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/--[^\n]*/g, '')
      .replace(/[\s;]/g, '') !== ''
  )
}

function cutInTwo(text: string, upMark: RegExp, downMark: RegExp): SqlSections {
  const up = text.search(upMark)
  const down = text.search(downMark)
  if (down < 0) return { up: text, down: null }
  const downText = text.slice(down, up > down ? up : undefined)
  return {
    up: up < 0 ? text.slice(0, down) : text.slice(up, down > up ? down : undefined),
    down: hasStatements(downText) ? downText : null,
  }
}
