import type { CatalogObject, DatabaseContent, SequenceContent } from './checkpoint.ts'

export interface Comparison {
  /**
   * PostgreSQL writes an expression down anew when it is dumped and restored (`ANY (ARRAY[...]::text[])`), with other casts
   * and parentheses. True: those are overlooked. Within one database leave it off.
   */
  reparsed?: boolean
  /** False: where a column stands among the others does not matter. */
  columnOrder?: boolean
  /** False: rows are not compared, as for a schema alone. */
  rows?: boolean
}

/** What is otherwise in `actual`, each as a sentence; empty: nothing. */
export function compareContent(
  expected: DatabaseContent,
  actual: DatabaseContent,
  comparison: Comparison = {},
): string[] {
  return [
    ...(comparison.rows === false ? [] : compareTables(expected, actual)),
    ...compareSequences(expected.sequences, actual.sequences),
    ...compareExtensions(expected, actual),
    ...compareCatalogs(expected.catalog, actual.catalog, comparison),
    ...(expected.largeObjects === actual.largeObjects
      ? []
      : [`large objects: ${actual.largeObjects}, not ${expected.largeObjects}`]),
  ]
}

function compareTables(expected: DatabaseContent, actual: DatabaseContent): string[] {
  const found = byName(actual.tables)
  const differences = expected.tables.flatMap((table) => {
    const name = `${table.schema}.${table.name}`
    const other = found.get(name)
    found.delete(name)
    if (other === undefined) return [`table ${name} is not there`]
    if (other.rows !== table.rows) return [`table ${name} has ${other.rows} rows, not ${table.rows}`]
    const known = table.hash !== null && other.hash !== null
    return known && other.hash !== table.hash
      ? [`table ${name} has the same ${table.rows} rows by number, and others by content`]
      : []
  })
  return [...differences, ...[...found.keys()].map((name) => `table ${name} should not be there`)]
}

/** Further on is well: a sequence that moves while a dump is made is ahead in it, and never goes back. */
function compareSequences(
  expected: readonly SequenceContent[],
  actual: readonly SequenceContent[],
): string[] {
  const found = byName(actual)
  return expected.flatMap((sequence) => {
    const name = `${sequence.schema}.${sequence.name}`
    const other = found.get(name)
    if (other === undefined) return [`sequence ${name} is not there`]
    const moved = BigInt(other.lastValue) - BigInt(sequence.lastValue)
    const back = moved < 0n || (moved === 0n && sequence.isCalled && !other.isCalled)
    return back ? [`sequence ${name} is at ${other.lastValue}, not at ${sequence.lastValue}`] : []
  })
}

function compareExtensions(expected: DatabaseContent, actual: DatabaseContent): string[] {
  return expected.extensions.flatMap(({ name, version }) => {
    const other = actual.extensions.find((extension) => extension.name === name)
    if (other === undefined) return [`extension ${name} is not there`]
    return other.version === version
      ? []
      : [`extension ${name} is of version ${other.version}, not ${version}`]
  })
}

/** Whatever the kind: not there, there and should not be, or otherwise. */
export function compareCatalogs(
  expected: readonly CatalogObject[],
  actual: readonly CatalogObject[],
  { reparsed = false, columnOrder = true }: Comparison = {},
): string[] {
  const matters = ({ kind }: CatalogObject) => columnOrder || kind !== 'column-order'
  const found = new Map(actual.filter(matters).map((object) => [keyOf(object), object]))
  const differences: string[] = []
  for (const object of expected.filter(matters)) {
    const other = found.get(keyOf(object))
    found.delete(keyOf(object))
    if (other === undefined) differences.push(`${keyOf(object)} is not there`)
    else if (!sameDefinition(object.definition, other.definition, reparsed))
      differences.push(`${keyOf(object)} is ${show(other)}, not ${show(object)}`)
  }
  return [...differences, ...[...found.keys()].map((key) => `${key} should not be there`)]
}

function sameDefinition(one: string, other: string, reparsed: boolean): boolean {
  return one === other || (reparsed && bare(one) === bare(other))
}

/** Without casts, parentheses and spaces. */
function bare(definition: string): string {
  return definition
    .replace(/::(character varying|double precision|"?[\w.]+"?)(\(\d+\))?(\[\])*/g, '')
    .replace(/[()\s]/g, '')
}

function keyOf({ kind, name }: CatalogObject): string {
  return `${kind} ${name}`
}

function show({ definition }: CatalogObject): string {
  const line = definition.replace(/\s+/g, ' ').trim()
  return line.length > 120 ? `${line.slice(0, 119)}…` : line || 'empty'
}

function byName<T extends { schema: string; name: string }>(all: readonly T[]): Map<string, T> {
  return new Map(all.map((each) => [`${each.schema}.${each.name}`, each]))
}
