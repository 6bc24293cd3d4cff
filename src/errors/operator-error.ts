import { catalog, type ErrorCode } from './catalog.ts'

export type ErrorParams = Record<string, string | number | null>

/** Every error a person can meet. Told apart by `.code`, never by class. */
export class OperatorError extends Error {
  readonly code: ErrorCode
  readonly params: ErrorParams
  /** More lines for the reader: every problem found, the end of a log. */
  readonly details: readonly string[]

  constructor(
    code: ErrorCode,
    params: ErrorParams = {},
    options: { cause?: unknown; details?: readonly string[] } = {},
  ) {
    super(fill(catalog[code].message, params), options.cause === undefined ? {} : { cause: options.cause })
    this.name = 'OperatorError'
    this.code = code
    this.params = params
    this.details = options.details ?? []
  }

  get exit(): number {
    return catalog[this.code].exit
  }

  get hint(): string {
    // Where no command is known there is a gap before its options.
    return fill(catalog[this.code].hint, this.params).replace(/ +--help/, ' --help')
  }
}

/** Replaces `{name}`; a parameter nobody gave stays visible, so that a test finds it. */
export function fill(text: string, params: ErrorParams): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = params[name]
    return value === undefined || value === null ? whole : String(value)
  })
}

export function isOperatorError(error: unknown): error is OperatorError {
  return error instanceof Error && 'code' in error && String(error.code) in catalog
}

/** The words of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** Node's own error code (`ENOENT`), or null. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : null
}
