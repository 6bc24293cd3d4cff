import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ChainHead } from './chain.ts'
import { leaveToOwner } from './owner.ts'

/**
 * Beside the journal lies a note of its newest event, so that rows cut off its end are noticed: the chain alone cannot
 * tell a shorter history from a whole one. It is written after the commit, so it may be behind and is never ahead.
 */
function headPath(home: string): string {
  return join(home, 'journal.head')
}

/** Null when there is none that can be read: it is a witness, and a lost witness accuses nobody. */
export function readHead(home: string): ChainHead | null {
  try {
    const noted: unknown = JSON.parse(readFileSync(headPath(home), 'utf8'))
    return isChainHead(noted) ? { seq: noted.seq, hash: noted.hash } : null
  } catch {
    return null
  }
}

/**
 * Renamed into place, so that nobody reads half of it; without fsync, because after a power cut an older note, or an
 * empty one, is allowed, while a second flush would make every step of a run slower. Never throws: what it notes is
 * already committed, and a caller told of a failure would write it again.
 */
export function writeHead(home: string, head: ChainHead): void {
  const fresh = `${headPath(home)}.${process.pid}`
  try {
    writeFileSync(fresh, `${JSON.stringify({ seq: head.seq, hash: head.hash })}\n`, { mode: 0o600 })
    leaveToOwner(home, fresh)
    renameSync(fresh, headPath(home))
  } catch {
    // Behind by one until the next append.
  }
}

function isChainHead(value: unknown): value is ChainHead {
  return (
    typeof value === 'object' &&
    value !== null &&
    'seq' in value &&
    Number.isSafeInteger(value.seq) &&
    'hash' in value &&
    typeof value.hash === 'string'
  )
}
