import { readFile } from 'node:fs/promises'
import { isOperatorError, OperatorError, systemCode } from '../errors/operator-error.ts'
import type { CommandResult } from '../ports/command-runner.ts'

const logLines = 15
const noSpace = /ENOSPC|EDQUOT|no space left on device|disk quota exceeded/i

/** What a command that did not succeed means to the operator. */
export async function buildFailure(
  command: string,
  result: CommandResult,
  place: { directory: string; logFile: string },
): Promise<OperatorError> {
  if (result.outcome === 'aborted') return new OperatorError('INTERRUPTED', { step: 'build-release' })
  if (noSpace.test(result.stderr) || noSpace.test(result.stdout)) return diskFull(place.directory)
  return new OperatorError(
    'BUILD_FAILED',
    { command, outcome: describeOutcome(result), log: place.logFile },
    { details: await lastLines(place.logFile) },
  )
}

/** The same error with the log where it is now; and a full disk, wherever it was met. */
export function placeError(error: unknown, directory: string, log: string): unknown {
  const code = systemCode(error)
  if (!isOperatorError(error) && (code === 'ENOSPC' || code === 'EDQUOT')) return diskFull(directory, error)
  if (!(error instanceof OperatorError) || error.code !== 'BUILD_FAILED') return error
  return new OperatorError(error.code, { ...error.params, log }, { cause: error, details: error.details })
}

function diskFull(path: string, cause?: unknown): OperatorError {
  return new OperatorError('DISK_FULL', { what: 'the new release', path }, { cause })
}

function describeOutcome(result: CommandResult): string {
  if (result.outcome === 'timed-out') return `a time-out after ${Math.round(result.ms / 1000)} s`
  if (result.outcome === 'not-found') return 'no such program on PATH'
  return result.exitCode === null ? 'a signal that ended it' : `exit code ${result.exitCode}`
}

async function lastLines(logFile: string): Promise<string[]> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return text.trimEnd().split('\n').slice(-logLines)
}
