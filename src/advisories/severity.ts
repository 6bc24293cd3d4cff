import type { Advisory } from '../ports/advisories.ts'
import { asMap, type JsonMap, mapsIn, textIn } from './json.ts'

export type Severity = Advisory['severity']

/** The least first. */
export const SEVERITIES = ['low', 'moderate', 'high', 'critical'] as const

/** `MODERATE` and `medium` are one; null: none of them. */
export function severityWord(text: string | null): Severity | null {
  const word = text?.toLowerCase() === 'medium' ? 'moderate' : text?.toLowerCase()
  return SEVERITIES.find((each) => each === word) ?? null
}

/** What the database says, else by the CVSS score; a malicious package (MAL-) needs no score. Null: nothing tells. */
export function severityOf(entry: JsonMap): Severity | null {
  const affected = mapsIn(entry.affected)
  const said = [entry, ...affected].flatMap((each) => [
    severityWord(textIn(asMap(each.database_specific), 'severity')),
    severityWord(textIn(asMap(each.ecosystem_specific), 'severity')),
  ])
  const [first] = said.filter((each) => each !== null)
  if (first !== undefined) return first
  if (textIn(entry, 'id')?.startsWith('MAL-')) return 'critical'
  const scores = [entry, ...affected]
    .flatMap((each) => mapsIn(each.severity))
    .flatMap((each) => cvssScore(textIn(each, 'score') ?? '') ?? [])
  return scores.length === 0 ? null : bandOf(Math.max(...scores))
}

/** The bands of CVSS 3 and 4. */
function bandOf(score: number): Severity {
  if (score >= 9) return 'critical'
  if (score >= 7) return 'high'
  return score >= 4 ? 'moderate' : 'low'
}

const WEIGHTS: Record<string, Record<string, number>> = {
  AV: { N: 0.85, A: 0.62, L: 0.55, P: 0.2 },
  AC: { L: 0.77, H: 0.44 },
  UI: { N: 0.85, R: 0.62 },
  C: { H: 0.56, L: 0.22, N: 0 },
  I: { H: 0.56, L: 0.22, N: 0 },
  A: { H: 0.56, L: 0.22, N: 0 },
}
const PRIVILEGES: Record<string, Record<string, number>> = {
  U: { N: 0.85, L: 0.62, H: 0.27 },
  C: { N: 0.85, L: 0.68, H: 0.5 },
}

/**
 * A number, or the base score of a `CVSS:3.x/AV:N/...` vector (specification 3.1, section 7.1). Null for anything else: the
 * score of CVSS 4 needs a table of its own, and databases that use it say the severity in words as well.
 */
export function cvssScore(text: string): number | null {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text)
  if (!/^CVSS:3\.[01]\//.test(text)) return null
  const metrics = Object.fromEntries(text.split('/').map((part) => part.split(':')))
  const weight = (name: string) => WEIGHTS[name]?.[metrics[name] ?? ''] ?? Number.NaN
  const changed = metrics.S === 'C'
  const privileges = PRIVILEGES[metrics.S ?? '']?.[metrics.PR ?? ''] ?? Number.NaN
  const base = 1 - (1 - weight('C')) * (1 - weight('I')) * (1 - weight('A'))
  const impact = changed ? 7.52 * (base - 0.029) - 3.25 * (base - 0.02) ** 15 : 6.42 * base
  const exploitability = 8.22 * weight('AV') * weight('AC') * privileges * weight('UI')
  const sum = (impact + exploitability) * (changed ? 1.08 : 1)
  if (Number.isNaN(sum)) return null
  return impact <= 0 ? 0 : roundUp(Math.min(sum, 10))
}

/** To one decimal; in integers, as the specification asks, because 0.1 is none in binary. */
function roundUp(score: number): number {
  const whole = Math.round(score * 100_000)
  return whole % 10_000 === 0 ? whole / 100_000 : (Math.floor(whole / 10_000) + 1) / 10
}
