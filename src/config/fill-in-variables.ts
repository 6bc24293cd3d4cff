import { isPair, isScalar, isSeq, type Scalar, visit } from 'yaml'
import { type Environment, type Replacement, replaceVariables } from '../domain/replace-variables.ts'
import type { Path, Problem } from './problem.ts'
import { formatPath } from './problem.ts'
import type { YamlFile } from './yaml-file.ts'

export interface FilledIn {
  taken: Replacement['taken']
  problems: Problem[]
  /** Paths that still hold a `${NAME}`; what the schema says about them is noise. */
  unset: Set<string>
}

/** Replaces every `${NAME}` in the document's values, in place; keys are left as they are. */
export function fillInVariables({ document, placeOf }: YamlFile, env: Environment): FilledIn {
  const filled: FilledIn = { taken: [], problems: [], unset: new Set() }
  visit(document, {
    Scalar(key, scalar, ancestors) {
      if (key === 'key') return
      const path = pathOf([...ancestors, scalar])
      if (typeof scalar.value !== 'string') return keepSpelling(scalar, path)
      const replacement = replaceVariables(scalar.value, env)
      scalar.value = replacement.text
      filled.taken.push(...replacement.taken)
      if (replacement.problems.length > 0) filled.unset.add(formatPath(path))
      for (const message of replacement.problems)
        filled.problems.push({ ...placeOf(scalar.range?.[0] ?? 0), path: formatPath(path), message })
      return
    },
  })
  return filled
}

/** `VERSION: 1.10` reaches the service as 1.10, not as the number 1.1. */
function keepSpelling(scalar: Scalar, path: Path): void {
  if (isText(path) && scalar.value !== null && scalar.source !== undefined) scalar.value = scalar.source
}

function isText([top, ...below]: Path): boolean {
  if (top === 'env' || top === 'build') return true
  if (top === 'runtime') return below[0] === 'args' || below[0] === 'nodeArgs'
  // smoke[0].headers.x, watch.signals.headers.x, watch.flows[0].steps[0].requestHeaders.x; a body is JSON all through.
  const map = below.at(-2)
  const sends = (top === 'smoke' || top === 'watch') && !below.includes('body')
  return sends && (map === 'headers' || map === 'requestHeaders')
}

/** Document, map, pair, ..., scalar -> `['env', 'PORT']`. */
function pathOf(nodes: readonly unknown[]): Path {
  return nodes.flatMap((node, depth): (string | number)[] => {
    if (isPair(node)) return isScalar(node.key) ? [String(node.key.value)] : []
    const parent = nodes[depth - 1]
    return isSeq(parent) ? [parent.items.indexOf(node)] : []
  })
}
