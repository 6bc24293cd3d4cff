import * as z from 'zod'
import { expecting } from './scalar-schemas.ts'

/** What a shell would act on. No shell is ever started from data, so it would silently mean something else. */
const SHELL_CHARACTER = /[;|&$><`()'"\\*\n]/

const word = z.union([z.string().min(1), z.number().transform(String)], { error: expecting('a word') })

const wordList = z.array(word, { error: expecting('a list of words') })

const plainWords = z.string().transform((text, context) => {
  const problem = findShellProblem(text)
  if (problem === null) return text.trim().split(/\s+/)
  context.addIssue(problem)
  return z.NEVER
})

function findShellProblem(text: string): string | null {
  if (text.trim() === '') return 'is empty: write the words of a command'
  const found = SHELL_CHARACTER.exec(text.trimEnd())?.[0]
  if (found !== undefined)
    return `has ${found === '\n' ? 'a line break' : found}, which only a shell understands: write it as [sh, -c, "..."]`
  if (/^\w+=/.test(text))
    return 'begins with a variable, which only a shell understands: write it as [sh, -c, "..."]'
  return null
}

/** `npm ci` or `[npm, ci]`: the words of one command. */
export const commandSchema = z.union(
  [plainWords, wordList.min(1, 'is empty: write the words of a command')],
  {
    error: expecting('a command such as "npm ci", or a list of its words'),
  },
)

/** `--trace-warnings --max-old-space-size=512` or the same as a list; may be empty. */
export const wordsSchema = z.union([plainWords, wordList], {
  error: expecting('words such as "--port 3000", or a list of them'),
})

const printable = z.union([z.string(), z.number(), z.boolean()], {
  error: expecting('text, a number, true or false (write "" for an empty one)'),
})

/** A map of names to values that are text in the end. */
export function textMap(what: string, name: RegExp) {
  return z.record(z.string().regex(name, { error: `is not ${what}` }), printable.transform(String), {
    error: expecting(`a map of names to values`),
  })
}
