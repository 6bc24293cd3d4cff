import * as z from 'zod'
import { choiceOf, duration, expecting, mapOf, textOf, urlPath, wholeNumber } from './scalar-schemas.ts'
import { textMap } from './word-schemas.ts'

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/

/** One request and what its answer must be, as a map: of a smoke check, and of a step of a flow. */
export const checkShape = {
  name: textOf('a short name on one line', /^\S[^\n]*$/)
    .optional()
    .describe('What the check is called in every listing. Default: method and path.'),
  method: choiceOf('method', METHODS).default('GET').describe('HTTP method.'),
  path: urlPath.describe("Path and query, below the service's url: /products?category=tea"),
  requestHeaders: textMap('a header name', HEADER_NAME)
    .prefault({})
    .describe(`Headers to send. A token belongs in a variable: Bearer \${SMOKE_TOKEN}`),
  body: z
    .json({ error: 'must be a value that JSON can hold' })
    .default(null)
    .describe('Sent as JSON. null: no body.'),
  status: wholeNumber(100, 599).nullable().prefault(null).describe('Expected status. null: any 2xx.'),
  headers: textMap('a header name', HEADER_NAME)
    .prefault({})
    .describe('Expected headers of the answer. Names are compared without case.'),
  json: z
    .record(
      z.string(),
      z.union([z.string(), z.number(), z.boolean(), z.null()], {
        error: expecting('text, a number, true, false or null'),
      }),
      {
        error: expecting('a map of paths in the answer to values'),
      },
    )
    .prefault({})
    .describe('Expected values in the JSON answer, by path: { status: ok, items.0.id: 1 }'),
  within: duration(1).optional().describe('A slower answer fails the check. Default: verify.timeout.'),
} as const

export function bodyFits(check: { body: unknown; method: string }): boolean {
  return check.body === null || !['GET', 'HEAD'].includes(check.method)
}

export const BODY_MISFITS = { path: ['body'], error: 'cannot be sent with GET or HEAD: set method: POST' }

const longForm = mapOf('a map with at least a path', checkShape).refine(bodyFits, BODY_MISFITS)

/** `GET /products` -> the map that says the same. */
export const checkInShort = z
  .string()
  .regex(new RegExp(`^(${METHODS.join('|')}) /[^\\s#]*$`), {
    error: 'must be a method and a path such as "GET /products", or a map with more to say',
  })
  .transform((text) => {
    const [method = '', path = ''] = text.split(' ')
    return longForm.parse({ method, path })
  })

export const smokeSchema = z
  .array(
    z.union([checkInShort, longForm], { error: expecting('"GET /products", or a map with at least a path') }),
    {
      error: expecting('a list of checks'),
    },
  )
  .superRefine((checks, context) => {
    const names = checks.map(nameOfCheck)
    names.forEach((name, index) => {
      if (names.indexOf(name) < index)
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `is a second check called "${name}": give it a name`,
        })
    })
  })

export function nameOfCheck(check: { name?: string | undefined; method: string; path: string }): string {
  return check.name ?? `${check.method} ${check.path}`
}
