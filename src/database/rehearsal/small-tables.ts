import type { DatabaseContent, TableContent } from '../../domain/checkpoint.ts'

/** What settings, lookups and a migration tool's own record take. */
const SMALL_BYTES = 2_000_000

/**
 * Tables whose rows come along where not all can: the small ones, as long as the rows that theirs refer to come along too.
 * A migration tool's own record is among them, and without it every migration would be applied anew.
 */
export function smallTables(content: DatabaseContent): TableContent[] {
  const parents = parentsOf(content)
  let kept = content.tables.filter(({ bytes }) => bytes <= SMALL_BYTES)
  for (;;) {
    const names = new Set(kept.map(nameOf))
    const next = kept.filter((table) =>
      [...(parents.get(nameOf(table)) ?? [])].every((name) => names.has(name)),
    )
    if (next.length === kept.length) return kept
    kept = next
  }
}

/** Child -> the tables it refers to. */
function parentsOf({ catalog, tables }: DatabaseContent): Map<string, Set<string>> {
  const parents = new Map<string, Set<string>>()
  for (const { kind, name, definition } of catalog) {
    if (kind !== 'constraint' || !definition.startsWith('FOREIGN KEY')) continue
    const child = tables.find((table) => name.startsWith(`${nameOf(table)}.`))
    const [, parent] =
      / REFERENCES ((?:"(?:[^"]|"")+"|[^\s(".]+)\.(?:"(?:[^"]|"")+"|[^\s(".]+))\(/.exec(definition) ?? []
    if (child === undefined || parent === undefined) continue
    const known = parents.get(nameOf(child)) ?? new Set()
    parents.set(nameOf(child), known.add(plain(parent)))
  }
  return parents
}

/** `"odd one".orders` -> `odd one.orders`, as content names it. */
function plain(qualified: string): string {
  return [...qualified.matchAll(/"((?:[^"]|"")+)"|([^".]+)/g)]
    .map(([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare)
    .join('.')
}

const nameOf = ({ schema, name }: TableContent) => `${schema}.${name}`
