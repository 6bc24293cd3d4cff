import type { ErrorCode } from '../../errors/catalog.ts'
import { isOperatorError, messageOf, OperatorError, systemCode } from '../../errors/operator-error.ts'
import { type Connection, describeConnection } from './connection.ts'

/** By SQLSTATE: a whole code, or the two characters of its class. */
const BY_STATE: Record<string, ErrorCode> = {
  '3D000': 'DB_NOT_THERE',
  '28P01': 'DB_LOGIN_REFUSED',
  '28000': 'DB_LOGIN_REFUSED',
  '42501': 'DB_NOT_ALLOWED',
  '53100': 'DB_DISK_FULL',
  '53300': 'DB_UNREACHABLE', // too many clients: as good as not there
  '57P03': 'DB_UNREACHABLE', // starting up or shutting down
  '25006': 'DB_READ_ONLY',
  '55P03': 'DB_LOCKED',
  '55006': 'DB_IN_USE',
  '57P01': 'DB_CONNECTION_LOST',
  '57P02': 'DB_CONNECTION_LOST',
  '08': 'DB_CONNECTION_LOST',
}

const BY_ERRNO: Record<string, ErrorCode> = {
  ECONNREFUSED: 'DB_UNREACHABLE',
  ENOTFOUND: 'DB_UNREACHABLE',
  EAI_AGAIN: 'DB_UNREACHABLE',
  EHOSTUNREACH: 'DB_UNREACHABLE',
  ENETUNREACH: 'DB_UNREACHABLE',
  ETIMEDOUT: 'DB_UNREACHABLE',
  ENOENT: 'DB_UNREACHABLE', // no such socket
  EACCES: 'DB_UNREACHABLE',
  ECONNRESET: 'DB_CONNECTION_LOST',
  EPIPE: 'DB_CONNECTION_LOST',
}

/** What the driver says without any code. */
const BY_WORDS: [RegExp, ErrorCode][] = [
  [/timeout expired|timed? ?out|no answer within/i, 'DB_UNREACHABLE'],
  [/password must be a string|no password supplied|password authentication/i, 'DB_LOGIN_REFUSED'],
  [/does not support SSL|certificate|self.signed/i, 'DB_UNREACHABLE'],
  [/terminated|not queryable|Connection ended/i, 'DB_CONNECTION_LOST'],
]

/** The five characters PostgreSQL tells an error with, also through our own errors; null when it was not the server. */
export function sqlState(error: unknown): string | null {
  if (isOperatorError(error)) return sqlState(error.cause)
  const code = systemCode(error)
  return code !== null && /^[0-9A-Z]{5}$/.test(code) && !(code in BY_ERRNO) ? code : null
}

/** An error of the driver as one a person can act on. Ours pass through. */
export function translateError(error: unknown, connection: Connection): Error {
  if (isOperatorError(error)) return error
  const params = {
    server: describeConnection(connection),
    host: connection.host,
    port: connection.port,
    user: connection.user,
    database: connection.database,
    detail: wordsOf(error),
  }
  return new OperatorError(codeOf(error), params, { cause: error })
}

function codeOf(error: unknown): ErrorCode {
  const state = sqlState(error)
  if (state !== null) return BY_STATE[state] ?? BY_STATE[state.slice(0, 2)] ?? 'DB_FAILED'
  const first = error instanceof AggregateError ? error.errors[0] : error
  const known = BY_ERRNO[systemCode(first) ?? '']
  if (known !== undefined) return known
  return BY_WORDS.find(([words]) => words.test(messageOf(error)))?.[1] ?? 'DB_FAILED'
}

/** What the server said, with what it added. */
function wordsOf(error: unknown): string {
  // Both addresses of `localhost` were tried: the message of the whole is empty.
  if (error instanceof AggregateError && error.errors.length > 0)
    return error.errors.map(messageOf).join('; ')
  const more = ['detail', 'hint'].map((key) => textOf(error, key)).filter((text) => text !== '')
  return [messageOf(error), ...more].join(' ')
}

function textOf(error: unknown, key: string): string {
  const value: unknown = error instanceof Error ? Reflect.get(error, key) : undefined
  return typeof value === 'string' ? `(${value})` : ''
}
