/** How one column of a key is ordered, alike on both servers and here. */
export type KeyOrder = 'integer' | 'uuid' | 'text'

export type KeyPart = string | null

/** <0, 0, >0: the order that the rows of both sides come in. A null, which only a lost key can have, comes last. */
export function compareKeys(
  a: readonly KeyPart[],
  b: readonly KeyPart[],
  orders: readonly KeyOrder[],
): number {
  for (const [i, order] of orders.entries()) {
    const left = a[i] ?? null
    const right = b[i] ?? null
    if (left === right) continue
    if (left === null) return 1
    if (right === null) return -1
    const compared = order === 'integer' ? compareIntegers(left, right) : compareCodePoints(left, right)
    if (compared !== 0) return compared
  }
  return 0
}

/** Of any size, as text: `-2`, `10`. */
function compareIntegers(a: string, b: string): number {
  const negative = a.startsWith('-')
  if (negative !== b.startsWith('-')) return negative ? -1 : 1
  const larger = a.length - b.length || (a < b ? -1 : a > b ? 1 : 0)
  return negative ? -larger : larger
}

/** As UTF-8 bytes compare, which is what COLLATE "C" does; JavaScript compares halves of pairs. */
function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i)
    const right = b.charCodeAt(i)
    if (left !== right) return lift(left) - lift(right)
  }
  return a.length - b.length
}

/** Halves of a pair stand for code points above all others. */
function lift(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}
