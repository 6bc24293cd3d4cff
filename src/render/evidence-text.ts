import type { Evidence } from '../domain/event.ts'
import { formatMs } from './format.ts'

/** `serves r2, gap 0 ms, switch 14 ms`: the facts a step left, as a person reads them. */
export function describeEvidence(evidence: Evidence): string {
  return Object.entries(evidence)
    .filter(([, value]) => value !== null && value !== '' && value !== false)
    .map(([name, value]) => describeFact(name, value))
    .join(', ')
}

function describeFact(name: string, value: Evidence[string]): string {
  if (value === true) return words(name)
  if (typeof value === 'number' && name.endsWith('Ms'))
    return `${words(name.slice(0, -2))} ${formatMs(value)}`
  return `${words(name)} ${value}`
}

function words(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
}
