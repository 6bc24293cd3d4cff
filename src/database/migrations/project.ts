import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A release's own files, as far as a migration tool is recognised by them. */
export interface Project {
  directory: string
  /** Names of all packages, those for development included. */
  packages: ReadonlySet<string>
  scripts: Readonly<Record<string, string>>
  isFolder(path: string): Promise<boolean>
  /** Null: there is no such file. */
  text(path: string): Promise<string | null>
  /** The first of these that is there, with its text. */
  firstText(paths: readonly string[]): Promise<string | null>
}

export async function readProject(directory: string): Promise<Project> {
  const text = (path: string) => readFile(join(directory, path), 'utf8').catch(() => null)
  const content = parseObject((await text('package.json')) ?? '{}')
  const { scripts, dependencies, devDependencies } = content
  return {
    directory,
    packages: new Set([...Object.keys(texts(dependencies)), ...Object.keys(texts(devDependencies))]),
    scripts: texts(scripts),
    text,
    isFolder: async (path) => (await stat(join(directory, path)).catch(() => null))?.isDirectory() ?? false,
    async firstText(paths) {
      for (const path of paths) {
        const found = await text(path)
        if (found !== null) return found
      }
      return null
    },
  }
}

/** What one of the project's scripts says after an option: `--migrations-dir db/changes`, `-m=db/changes`. */
export function toldByScripts({ scripts }: Project, program: string, options: readonly string[]): string[] {
  const pattern = new RegExp(`(?:^|\\s)(?:${options.join('|')})[ =]["']?([^\\s"']+)`)
  return Object.values(scripts)
    .filter((line) => line.includes(program))
    .flatMap((line) => pattern.exec(line)?.[1] ?? [])
}

/** The files of a folder, not those below it; sorted as a person counts. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true })
  return entries
    .filter((entry) => !entry.name.startsWith('.') && !entry.isDirectory())
    .map((entry) => entry.name)
    .sort(asCounted)
}

export function asCounted(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true }) || (a < b ? -1 : 1)
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    // The build has read it before us; a broken one is no project of any tool.
    return {}
  }
}

function texts(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {}
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}
