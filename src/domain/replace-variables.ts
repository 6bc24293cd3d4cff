/** Where `${NAME}` is looked up. */
export type Environment = Readonly<Record<string, string | undefined>>

export interface Replacement {
  text: string
  /** What came in from the environment, never a default: that one stands in the file. */
  taken: { name: string; value: string }[]
  problems: string[]
}

const TOKEN = /\$\$\{|\$\{([^}]*)\}|\$\{/g
const REFERENCE = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s

/**
 * `${NAME}` is the variable, `${NAME:-words}` falls back to the words when it is unset or empty, and `$${` is a literal
 * `${`. What a variable holds is not looked at again.
 */
export function replaceVariables(text: string, env: Environment): Replacement {
  const taken: Replacement['taken'] = []
  const problems: string[] = []
  const replaced = text.replace(TOKEN, (token, inside: string | undefined) => {
    if (token === '$${') return '${'
    const [, name, fallback] = REFERENCE.exec(inside ?? '') ?? []
    if (name === undefined) {
      problems.push(
        `"${token}" is not a variable: write \${NAME} or \${NAME:-default}, and $\${ for a plain \${`,
      )
      return token
    }
    const value = env[name]
    if (fallback !== undefined && (value === undefined || value === '')) return fallback
    if (value === undefined) {
      problems.push(`the environment has no ${name}: set it, or give a default with \${${name}:-...}`)
      return token
    }
    taken.push({ name, value })
    return value
  })
  return { text: replaced, taken, problems }
}

/** The spelling that {@link replaceVariables} turns back into `text`. */
export function escapeVariables(text: string): string {
  // A function, because `$$` in a replacement text means one `$`.
  return text.replaceAll('${', () => '$${')
}
