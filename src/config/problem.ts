export interface Problem {
  /** From 1. */
  line: number
  column: number
  /** `runtime.kind`, `smoke[1].path`; empty for the file as a whole. */
  path: string
  message: string
}

export type Path = readonly (string | number)[]

export function formatPath(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    const key = /^[\w-]+$/.test(part) ? part : JSON.stringify(part)
    return text === '' ? key : `${text}.${key}`
  }, '')
}

/** `lastgood.yaml:12:5  runtime.kind: must be ...`, as editors and terminals make a link of. */
export function formatProblem(file: string, { line, column, path, message }: Problem): string {
  const place = `${file}:${line}:${column}`
  if (path === '') return `${place}  ${message}`
  // "is missing" reads on from the name; so does "must be".
  return `${place}  ${path}: ${message}`
}

export function inFileOrder(problems: readonly Problem[]): Problem[] {
  return problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
}
