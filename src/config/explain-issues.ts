import type { core } from 'zod'
import { formatPath, type Path, type Problem } from './problem.ts'
import { offsetOf, type YamlFile } from './yaml-file.ts'

type Issue = core.$ZodIssue

/** The schema's findings, each at its place in the file. */
export function explainIssues(issues: readonly Issue[], file: YamlFile): Problem[] {
  return issues
    .flatMap((issue) => findCause(issue, []))
    .flatMap(({ issue, path }) => {
      // The messages of unknown keys come one a line, in the order of `keys`: see mapOf.
      if (issue.code === 'unrecognized_keys')
        return issue.message
          .split('\n')
          .map((message, index) => problemAt(file, [...path, issue.keys[index] ?? ''], message, true))
      const badKey = issue.code === 'invalid_key'
      return [
        problemAt(file, path, badKey ? (issue.issues[0]?.message ?? issue.message) : issue.message, badKey),
      ]
    })
}

/** Of a union, the form the writer meant: the one whose own kind fits. Where none does, the union speaks for itself. */
function findCause(issue: Issue, above: Path): { issue: Issue; path: Path }[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  if (issue.code !== 'invalid_union') return [{ issue, path }]
  const meant = issue.errors.find((branch) => !branch.some(isWrongKind))
  return meant === undefined ? [{ issue, path }] : meant.flatMap((inner) => findCause(inner, path))
}

function isWrongKind(issue: Issue): boolean {
  return (
    issue.path.length === 0 &&
    ['invalid_type', 'invalid_format', 'invalid_value', 'invalid_union'].includes(issue.code)
  )
}

function problemAt(file: YamlFile, path: Path, message: string, key: boolean): Problem {
  return { ...file.placeOf(offsetOf(file.document, path, key)), path: formatPath(path), message }
}
