/** ln(e^a + e^b), where either alone would overflow. */
export function addLogs(a: number, b: number): number {
  const most = Math.max(a, b)
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most))
}

/** ln of the sum of e^log. */
export function sumLogs(logs: readonly number[]): number {
  const most = Math.max(...logs)
  if (most === Number.NEGATIVE_INFINITY) return most
  let sum = 0
  for (const log of logs) sum += Math.exp(log - most)
  return most + Math.log(sum)
}

/** ln of the mean of e^log. */
export function meanLogs(logs: readonly number[]): number {
  return sumLogs(logs) - Math.log(logs.length)
}
