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
