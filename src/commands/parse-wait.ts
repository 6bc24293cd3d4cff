import { OperatorError } from '../errors/operator-error.ts'

const UNITS: Record<string, number> = { ms: 1, s: 1_000, m: 60_000 }

/** `--wait 90s`, in ms. */
export function parseWait(option: string | boolean | undefined, otherwise: number): number {
  if (typeof option !== 'string') return otherwise
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m)$/.exec(option) ?? []
  const factor = UNITS[unit]
  if (number !== undefined && factor !== undefined) return Number(number) * factor
  const detail = `--wait ${JSON.stringify(option)} is no time: write 250ms, 10s or 5m.`
  throw new OperatorError('USAGE', { detail, command: 'notify flush' })
}
