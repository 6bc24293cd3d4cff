/** `npm run test:exhaustive`. */
export const exhaustive = process.env.EXHAUSTIVE === '1'

/**
 * Of a long list of cases of one kind, every third and the last; all of them with EXHAUSTIVE=1 (`npm run test:exhaustive`).
 * For lists that take minutes: what they have in common is tested by each of them.
 */
export function sampled<Case>(cases: readonly Case[]): Case[] {
  if (exhaustive) return [...cases]
  return cases.filter((_, index) => index % 3 === 0 || index === cases.length - 1)
}

/**
 * Of the three places around each step: always the one between the effect and its record, which is the window that every
 * ledger has, and one of the other two for every second step. Places that are none of these three are all kept.
 */
export function sampledDeaths(points: readonly string[]): string[] {
  if (process.env.EXHAUSTIVE === '1') return [...points]
  const others = points.filter((point) => /\/(started|recorded)$/.test(point))
  // Of four that follow each other, and so belong to two steps, one: by turns a start and a record.
  const kept = others.filter((_, index) => index % 8 === 0 || index % 8 === 5)
  return points.filter((point) => !others.includes(point) || kept.includes(point))
}
