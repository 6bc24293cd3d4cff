import type { HttpCheck } from '../domain/http-check.ts'
import type { Outcome } from '../domain/verification.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

/** Whether an answer is the one the check expects; every difference is named, not only the first. */
export function judgeAnswer(
  check: HttpCheck,
  answer: Answer,
  ms: number,
): { outcome: Outcome; evidence: string } {
  const wrong = [
    ...wrongStatus(check, answer),
    ...wrongHeaders(check, answer),
    ...wrongJson(check, answer),
    ...(ms > check.withinMs ? [`took ${ms} ms, more than ${check.withinMs}`] : []),
  ]
  if (wrong.length > 0) return { outcome: 'failed', evidence: wrong.join('; ') }
  return { outcome: 'passed', evidence: `${answer.status} in ${ms} ms` }
}

function wrongStatus({ status }: HttpCheck, answer: Answer): string[] {
  const right = status === null ? answer.status >= 200 && answer.status < 300 : answer.status === status
  return right ? [] : [`status ${answer.status}, expected ${status ?? '2xx'}`]
}

function wrongHeaders({ headers }: HttpCheck, answer: Answer): string[] {
  return Object.entries(headers).flatMap(([name, expected]) => {
    const found = answer.headers[name.toLowerCase()]
    const text = Array.isArray(found) ? found.join(', ') : found
    return text === expected ? [] : [`header ${name} is ${text ?? 'missing'}, expected ${expected}`]
  })
}

function wrongJson({ json }: HttpCheck, answer: Answer): string[] {
  const expectations = Object.entries(json)
  if (expectations.length === 0) return []
  const body = parseBody(answer.body)
  if (body === undefined) return ['the body is not JSON']
  return expectations.flatMap(([path, expected]) => {
    const found = valueAt(body, path)
    return found === expected
      ? []
      : [`${path} is ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`]
  })
}

/** Undefined: it is no JSON. */
export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** `items.0.id`, with or without a leading `$.`. */
export function valueAt(body: unknown, path: string): unknown {
  const keys = path
    .replace(/^\$\.?/, '')
    .split('.')
    .filter((key) => key !== '')
  return keys.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null) return undefined
    return Object.getOwnPropertyDescriptor(value, key)?.value
  }, body)
}
