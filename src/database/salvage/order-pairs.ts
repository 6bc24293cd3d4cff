import { sameTable } from '../../domain/salvage.ts'
import { orderTables } from './order-tables.ts'
import type { TablePair } from './pair-tables.ts'

/** By the foreign keys of the restored side, which are those that must hold. */
export function orderPairs(pairs: readonly TablePair[]): { order: TablePair[]; cycles: TablePair[][] } {
  const ids = new Map(pairs.map((pair) => [JSON.stringify([pair.schema, pair.name]), pair]))
  const idOf = (pair: TablePair | undefined) =>
    pair === undefined ? [] : [JSON.stringify([pair.schema, pair.name])]
  const { order, cycles } = orderTables(
    [...ids].map(([id, pair]) => ({
      id,
      refersTo: pair.restored.foreignKeys.flatMap((key) =>
        idOf(pairs.find((other) => sameTable(other, key.parentRoot))),
      ),
    })),
  )
  const named = (list: readonly string[]) => list.flatMap((id) => ids.get(id) ?? [])
  return { order: named(order), cycles: cycles.map(named) }
}
