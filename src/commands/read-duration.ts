import { parseDuration } from '../domain/duration.ts'
import { OperatorError } from '../errors/operator-error.ts'

/** A time as it is typed: `15m`. @throws OperatorError USAGE */
export function readDuration(text: string, command: string): number {
  const ms = parseDuration(text)
  if (ms !== null) return ms
  const detail = `${JSON.stringify(text)} is no time: write it with its unit, as in 250ms, 10s, 15m, 1h or 2d.`
  throw new OperatorError('USAGE', { detail, command })
}
