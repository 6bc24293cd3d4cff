import { OperatorError } from '../errors/operator-error.ts'

/** `5%` or `0.05`, as a share. @throws OperatorError USAGE */
export function readShare(option: string, text: string, most: number, command: string): number {
  const [, number, sign] = /^(\d+(?:\.\d+)?(?:e-?\d+)?)(%?)$/i.exec(text) ?? []
  const share = number === undefined ? Number.NaN : Number(number) / (sign === '%' ? 100 : 1)
  if (share > 0 && share <= most) return share
  const detail = `${option} ${JSON.stringify(text)} is no share: write 5% or 0.05, above 0 and at most ${most * 100}%.`
  throw new OperatorError('USAGE', { detail, command })
}
