import type { Configuration } from '../domain/configuration.ts'
import { maskText } from '../domain/mask.ts'
import type { Environment } from '../domain/replace-variables.ts'
import { collectSecrets } from '../domain/secrets.ts'
import { messageOf } from '../errors/operator-error.ts'
import { explainIssues } from './explain-issues.ts'
import { fillInVariables } from './fill-in-variables.ts'
import { maskLiterals } from './mask-literals.ts'
import { inFileOrder, type Problem } from './problem.ts'
import { configurationSchema } from './schema.ts'
import { parseYaml } from './yaml-file.ts'

/** Every alias is a copy of what it stands for, so their number is bounded. */
const MOST_ALIASES = 100

export type ReadResult =
  | { ok: true; configuration: Configuration; text: string; secrets: string[] }
  | { ok: false; problems: Problem[] }

/** The whole way from text to configuration, without a file. Paths are left as written. */
export function readConfiguration(text: string, env: Environment): ReadResult {
  try {
    return read(text, env)
  } catch (error) {
    // Nested deeper than the stack, or aliases without end.
    return failed([{ line: 1, column: 1, path: '', message: `cannot be read: ${messageOf(error)}` }])
  }
}

function read(text: string, env: Environment): ReadResult {
  const file = parseYaml(text)
  if (!file.readable) return failed(file.problems)

  const filled = fillInVariables(file, env)
  const checked = configurationSchema.safeParse(file.document.toJS({ maxAliasCount: MOST_ALIASES }) ?? {})
  const issues = checked.success ? [] : explainIssues(checked.error.issues, file)
  const hidden = filled.taken
    .map(({ value }) => value)
    .filter((value) => value.length > 3)
    .sort((a, b) => b.length - a.length)
  const problems = [
    ...file.problems,
    ...filled.problems,
    ...issues.filter(({ path }) => !filled.unset.has(path)),
  ].map((problem) => ({ ...problem, message: maskText(problem.message, hidden) }))

  if (!checked.success || problems.length > 0) return failed(problems)
  return {
    ok: true,
    configuration: checked.data,
    text: maskLiterals(text, file),
    secrets: collectSecrets(checked.data, filled.taken),
  }
}

function failed(problems: readonly Problem[]): ReadResult {
  return { ok: false, problems: inFileOrder(problems) }
}
