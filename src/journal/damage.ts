import { type ErrorParams, OperatorError } from '../errors/operator-error.ts'

/** Where the journal lies, and what its errors point to. */
export interface JournalPlace {
  home: string
  file: string
  /** What a person turns to when the journal is damaged. */
  runbook: string
}

export function journalDamaged(place: JournalPlace, detail: string, cause?: unknown): OperatorError {
  const params: ErrorParams = { path: place.file, detail, runbook: place.runbook }
  return new OperatorError('JOURNAL_DAMAGED', params, cause === undefined ? {} : { cause })
}
