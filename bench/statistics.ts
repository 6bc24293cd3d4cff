/** Of at least one value. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const upper = sorted[middle] ?? Number.NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2
}

/** `1,234 (1,100-1,300)`: the median, and from the least to the most. */
export function spread(values: number[], digits = 0): string {
  const show = (value: number) =>
    value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
  const [middle, least, most] = [median(values), Math.min(...values), Math.max(...values)].map(show)
  return least === most ? `${middle}` : `${middle} (${least}-${most})`
}
