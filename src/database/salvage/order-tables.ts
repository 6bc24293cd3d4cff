/** Anything that refers to others by name. */
export interface Referring {
  id: string
  /** Ids; those outside the list and the own one do not matter here. */
  refersTo: readonly string[]
}

export interface TableOrder {
  /** What is referred to comes before what refers to it. */
  order: string[]
  /** Rings of tables that refer to each other, so that no order is right: `[a, b]` for a -> b -> a. */
  cycles: string[][]
}

/** By foreign keys, and by name where they leave it open: the same for the same tables, always. */
export function orderTables(tables: readonly Referring[]): TableOrder {
  const known = new Map(tables.map((table) => [table.id, table]))
  const order: string[] = []
  const cycles: string[][] = []
  const done = new Set<string>()
  const path: string[] = []

  function visit(id: string): void {
    if (done.has(id)) return
    const at = path.indexOf(id)
    if (at >= 0) {
      cycles.push(path.slice(at))
      return
    }
    path.push(id)
    const parents = (known.get(id)?.refersTo ?? []).filter((parent) => parent !== id && known.has(parent))
    for (const parent of [...new Set(parents)].sort()) visit(parent)
    path.pop()
    done.add(id)
    order.push(id)
  }

  for (const id of [...known.keys()].sort()) visit(id)
  return { order, cycles }
}
