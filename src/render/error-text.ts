import { catalog } from '../errors/catalog.ts'
import type { OperatorError } from '../errors/operator-error.ts'
import { wrap } from './format.ts'
import type { Screen } from './screen.ts'

/** What happened, what was seen, what to type next. */
export function errorLines(error: OperatorError, screen: Screen): string[] {
  const { title } = catalog[error.code]
  return [
    `${screen.paint('✗', 'red')} ${screen.paint(title, 'bold')} (${error.code})`,
    ...wrap(error.message, screen.width - 2).map((line) => `  ${line}`),
    ...error.details.map((line) => `    ${line}`),
    ...hintLines(error.hint, screen.width - 8).map((line, i) => `  ${i === 0 ? 'Next:' : '     '} ${line}`),
  ]
}

/** The catalogue parts commands by three spaces: each has a line of its own, to be copied whole. */
function hintLines(hint: string, width: number): string[] {
  return hint.split(/ {3,}/).flatMap((part) => wrap(part, width))
}

/** The same, for a program. */
export function errorDocument(error: OperatorError): Record<string, unknown> {
  return { code: error.code, message: error.message, details: error.details, hint: error.hint }
}
