import { isOperatorError, messageOf, OperatorError, systemCode } from '../errors/operator-error.ts'
import { type JournalPlace, journalDamaged } from './damage.ts'

/** Words for what the system says. A code of SQLite that is not here is a defect of ours, and is passed on as it is. */
const reasons: Record<string, string> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system is read-only',
  ENOTDIR: 'there is a file where a folder is needed',
  EEXIST: 'there is a file where a folder is needed',
  EISDIR: 'there is a folder where a file is needed',
  SQLITE_PERM: 'no permission',
  SQLITE_READONLY: 'no permission',
  SQLITE_CANTOPEN: 'the file cannot be opened',
  SQLITE_BUSY: 'another process keeps it locked',
  SQLITE_LOCKED: 'another process keeps it locked',
  SQLITE_IOERR: 'the disk reports an error',
}

const diskFull = new Set(['ENOSPC', 'EDQUOT', 'SQLITE_FULL'])
const damaged = new Set(['SQLITE_NOTADB', 'SQLITE_CORRUPT'])

/** When the connection itself fails, libsql gives only SQLite's number, at the end of a sentence. */
const numbers: Record<string, string> = {
  8: 'SQLITE_READONLY',
  11: 'SQLITE_CORRUPT',
  13: 'SQLITE_FULL',
  14: 'SQLITE_CANTOPEN',
  26: 'SQLITE_NOTADB',
}

/** What the operator is told of a failure of the file system or of SQLite, while reading or while writing. */
export function translateError(error: unknown, doing: 'read' | 'write', place: JournalPlace): unknown {
  if (isOperatorError(error)) return error
  const code = primaryCode(error)
  if (diskFull.has(code)) {
    return new OperatorError('DISK_FULL', { what: 'the journal', path: place.home }, { cause: error })
  }
  if (damaged.has(code) || isBrokenSchema(error)) return journalDamaged(place, messageOf(error), error)
  const detail = reasons[code] ?? (isSystemCall(error) ? messageOf(error) : null)
  if (detail === null) return error
  return new OperatorError(
    doing === 'write' ? 'HOME_READ_ONLY' : 'HOME_UNREADABLE',
    { path: place.home, detail },
    { cause: error },
  )
}

/** `SQLITE_READONLY_DIRECTORY` -> `SQLITE_READONLY`. A file shorter than its own pages is damage; SQLite calls it I/O. */
function primaryCode(error: unknown): string {
  const code = systemCode(error) ?? ''
  if (code === 'SQLITE_IOERR_SHORT_READ') return 'SQLITE_CORRUPT'
  if (code.startsWith('SQLITE_')) return code.split('_').slice(0, 2).join('_')
  if (code !== '') return code
  const number = /: (\d+)"\)$/.exec(messageOf(error))?.[1] ?? ''
  return numbers[number] ?? ''
}

function isBrokenSchema(error: unknown): boolean {
  return (
    (systemCode(error) ?? '').startsWith('SQLITE_') &&
    /no such (table|column)|malformed/.test(messageOf(error))
  )
}

function isSystemCall(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}
