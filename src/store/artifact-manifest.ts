/** One line of manifest.txt. */
export interface ManifestEntry {
  /** Relative to the artifact, with `/`. */
  path: string
  kind: 'file' | 'program' | 'link'
  size: number
  /** sha-256 (hex) of the content; of a link: of where it points. */
  digest: string
}

const letters = { file: 'f', program: 'x', link: 'l' } as const
const kinds: Record<string, ManifestEntry['kind']> = { f: 'file', x: 'program', l: 'link' }

/**
 * Two parts with an empty line between them, so that the quick look reads only the first: the project's own files and
 * the package.json of every installed package; then the rest of node_modules.
 */
export function writeManifest(entries: readonly ManifestEntry[]): string {
  const sorted = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const part = (quick: boolean) =>
    sorted.filter((entry) => isQuick(entry.path) === quick).map((entry) => `${formatEntry(entry)}\n`)
  return [...part(true), '\n', ...part(false)].join('')
}

/** @param part `quick`: only what the quick look needs. */
export function readManifest(text: string, part: 'quick' | 'all'): ManifestEntry[] {
  const end = text.startsWith('\n') ? 0 : text.indexOf('\n\n')
  const wanted = part === 'quick' && end >= 0 ? text.slice(0, end) : text
  return wanted
    .split('\n')
    .filter((line) => line !== '')
    .map(parseEntry)
}

/** Own file, or what tells that a package is installed at all. */
function isQuick(path: string): boolean {
  if (!/(^|\/)node_modules\//.test(path)) return true
  return /^node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path)
}

function formatEntry({ path, kind, size, digest }: ManifestEntry): string {
  return `${letters[kind]} ${size} ${digest} ${isPlain(path) ? path : JSON.stringify(path)}`
}

function parseEntry(line: string): ManifestEntry {
  const [letter = '', size = '', digest = '', ...rest] = line.split(' ')
  const path = rest.join(' ')
  const kind = kinds[letter]
  if (kind === undefined || path === '') throw new Error(`manifest.txt has a line that is none: ${line}`)
  return { kind, size: Number(size), digest, path: path.startsWith('"') ? String(JSON.parse(path)) : path }
}

/** A name may hold a line break; such a one, and one that looks quoted, is written as JSON. */
function isPlain(path: string): boolean {
  return !path.startsWith('"') && !path.includes('\n')
}
