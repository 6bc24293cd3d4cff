import * as z from 'zod'
import { formatDuration, parseDuration } from '../domain/duration.ts'
import { nearestName } from './nearest-name.ts'

/**
 * The words of a value of the wrong type. What stands in the file is not repeated: it may have come from a variable, and
 * the line is named.
 */
export function expecting(what: string) {
  return (issue: { input?: unknown }): string =>
    issue.input === undefined ? `is missing: ${what}` : `must be ${what}`
}

/** A map in which every unknown key is a problem. One line per key, in the order of the issue's `keys`. */
export function mapOf<Shape extends z.ZodRawShape>(what: string, shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => describeUnknownKey(key, Object.keys(shape))).join('\n')
        : expecting(what)(issue),
  })
}

function describeUnknownKey(key: string, known: readonly string[]): string {
  const meant = nearestName(key, known)
  return meant === null
    ? `is no setting; known here: ${known.join(', ')}`
    : `is no setting; did you mean "${meant}"?`
}

export function textOf(what: string, pattern: RegExp) {
  return z.string({ error: expecting(what) }).regex(pattern, { error: `must be ${what}` })
}

export function choiceOf<const Names extends readonly [string, ...string[]]>(what: string, names: Names) {
  return z.enum(names, { error: (issue) => describeUnknownChoice(what, issue.input, names) })
}

export function describeUnknownChoice(what: string, input: unknown, names: readonly string[]): string {
  const meant = typeof input === 'string' ? nearestName(input, names) : null
  const hint = meant === null ? '' : `; did you mean "${meant}"?`
  return `is no known ${what}; one of: ${names.join(', ')}${hint}`
}

/** A number, or its digits: what a variable holds is always text. `meta` is what the editor is told. */
export function wholeNumber(least: number, most: number) {
  const message = `must be a whole number from ${least} to ${most}`
  return z
    .union([z.number(), z.string().regex(/^\d+$/).transform(Number)], { error: message })
    .pipe(z.int({ error: message }).min(least, message).max(most, message))
    .meta({ type: 'integer', minimum: least, maximum: most })
}

export function flag() {
  return z
    .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')], {
      error: expecting('true or false'),
    })
    .meta({ type: 'boolean' })
}

export function duration(leastMs: number, mostMs = Number.POSITIVE_INFINITY) {
  return z
    .string({ error: (issue) => (typeof issue.input === 'number' ? NO_UNIT : expecting(A_DURATION)(issue)) })
    .regex(/^\d+(\.\d+)?(ms|s|m|h|d)$/, {
      error: (issue) => (/^\d+$/.test(String(issue.input)) ? NO_UNIT : `must be ${A_DURATION}`),
    })
    .transform((text, context) => {
      const ms = parseDuration(text)
      if (ms !== null && ms >= leastMs && ms <= mostMs) return ms
      if (ms === null) context.addIssue('is longer than can be counted')
      else if (ms < leastMs) context.addIssue(`must be at least ${formatDuration(leastMs)}`)
      else context.addIssue(`must be at most ${formatDuration(mostMs)}`)
      return z.NEVER
    })
}

/** `5%` -> 0.05. A bare number would leave everybody guessing whether 1 is all or one in a hundred. */
export function share(leastPercent: number, mostPercent: number) {
  return z
    .string({ error: (issue) => (typeof issue.input === 'number' ? NO_PERCENT : expecting(A_SHARE)(issue)) })
    .regex(/^\d+(\.\d+)?%$/, { error: `must be ${A_SHARE}` })
    .transform((text, context) => {
      const percent = Number(text.slice(0, -1))
      if (percent >= leastPercent && percent <= mostPercent) return percent / 100
      context.addIssue(`must be from ${leastPercent}% to ${mostPercent}%`)
      return z.NEVER
    })
}

/** A number that need not be whole, or its digits. */
export function numberBetween(least: number, most: number) {
  const message = `must be a number from ${least} to ${most}`
  return z
    .union(
      [
        z.number(),
        z
          .string()
          .regex(/^[\d.]+(e-?\d+)?$/i)
          .transform(Number),
      ],
      { error: message },
    )
    .pipe(z.number({ error: message }).min(least, message).max(most, message))
    .meta({ type: 'number', minimum: least, maximum: most })
}

const A_DURATION = 'a time such as 250ms, 10s, 5m, 1h or 7d'
const A_SHARE = 'a share such as 5% or 0.5%'
const NO_PERCENT = 'needs a %: write a share such as 5% or 0.5%'
const NO_UNIT = `needs a unit: write ${A_DURATION}`

/** A path below the project, so that a release never depends on what lies beside it. */
export function pathInside(what: string) {
  return textOf(`${what}, relative to the repository and inside it`, /^(?!\/)(?!(.*\/)?\.\.(\/|$))\S(.*\S)?$/)
}

export const urlPath = textOf('a path that begins with /', /^\/[^\s#]*$/)
