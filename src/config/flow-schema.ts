import * as z from 'zod'
import { namesNeeded, SAVED_NAME } from '../domain/placeholder.ts'
import { duration, expecting, mapOf, textOf } from './scalar-schemas.ts'
import { BODY_MISFITS, bodyFits, checkInShort, checkShape } from './smoke-schema.ts'
import { textMap } from './word-schemas.ts'

const stepMap = mapOf('a map with at least a path', {
  ...checkShape,
  save: textMap('a name of letters, digits and _', SAVED_NAME)
    .prefault({})
    .describe(
      'What is kept of the JSON answer: { token: token }. Later steps use it as {token} in path, requestHeaders, body and json.',
    ),
}).refine(bodyFits, BODY_MISFITS)

const stepInShort = checkInShort.transform((check) => ({ ...check, save: {} }))

const steps = z.array(
  z.union([stepInShort, stepMap], { error: expecting('"GET /products", or a map with at least a path') }),
  { error: expecting('a list of requests') },
)

const flow = mapOf('a map with a name and steps', {
  name: textOf('a short name on one line', /^\S[^\n]*$/).describe('What the flow is called: checkout.'),
  every: duration(500).prefault('5s').describe('Time between two tries.'),
  steps: steps.min(1, 'is empty: write the requests of the flow').describe('Requests, in order.'),
  cleanup: steps
    .prefault([])
    .describe('Requests after the steps, also when one has failed, if what they need was saved.'),
}).superRefine(({ steps, cleanup }, context) => {
  const saved = new Set<string>()
  const checkAll = (list: 'steps' | 'cleanup', all: typeof steps) => {
    for (const [index, step] of all.entries()) {
      for (const name of namesNeeded(step).filter((each) => !saved.has(each)))
        context.addIssue({
          code: 'custom',
          path: [list, index],
          message: `uses {${name}}, which no step before it saves`,
        })
      for (const name of Object.keys(step.save)) saved.add(name)
    }
  }
  checkAll('steps', steps)
  checkAll('cleanup', cleanup)
})

export const flowsSchema = z
  .array(flow, { error: expecting('a list of flows') })
  .superRefine((flows, context) => refuseTwins(flows, 'flow', context))

/** Two of one name could not be told apart in a finding. */
export function refuseTwins(
  items: readonly { name: string }[],
  what: string,
  context: { addIssue(issue: { code: 'custom'; path: (string | number)[]; message: string }): void },
): void {
  const names = items.map(({ name }) => name)
  names.forEach((name, index) => {
    if (names.indexOf(name) < index)
      context.addIssue({
        code: 'custom',
        path: [index, 'name'],
        message: `is a second ${what} called "${name}"`,
      })
  })
}
