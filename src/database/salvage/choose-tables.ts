import { sameTable, type TableName, tableTitle } from '../../domain/salvage.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { TablePair } from './pair-tables.ts'

/**
 * The tables a person named: `orders` in any schema if only one has it, else `shop.orders`.
 * @throws OperatorError SALVAGE_UNKNOWN_TABLE
 */
export function chooseTables(
  names: readonly (string | TableName)[],
  pairs: readonly TablePair[],
  sides: { damaged: string; restored: string },
): TablePair[] {
  const chosen = new Set<TablePair>()
  for (const name of names) {
    const found =
      typeof name === 'string' ? matching(name, pairs) : pairs.filter((pair) => sameTable(pair, name))
    const [pair] = found
    if (pair === undefined || found.length > 1) {
      throw new OperatorError('SALVAGE_UNKNOWN_TABLE', {
        table: typeof name === 'string' ? name : tableTitle(name),
        ...sides,
        known: pairs.map(tableTitle).join(', '),
      })
    }
    chosen.add(pair)
  }
  return [...chosen]
}

function matching(name: string, pairs: readonly TablePair[]): TablePair[] {
  const exactly = pairs.filter((pair) => name === `${pair.schema}.${pair.name}`)
  if (exactly.length > 0) return exactly
  const named = pairs.filter((pair) => pair.name === name)
  const inPublic = named.filter(({ schema }) => schema === 'public')
  return inPublic.length === 1 ? inPublic : named
}
