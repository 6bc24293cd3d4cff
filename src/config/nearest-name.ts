/** The known name somebody most likely meant, or null when none is near. Case, `-` and `_` count for nothing. */
export function nearestName(name: string, known: readonly string[]): string | null {
  const plain = bare(name)
  const reach = plain.length <= 4 ? 1 : 2
  let nearest: string | null = null
  let least = reach + 1
  for (const candidate of known) {
    const edits = editDistance(plain, bare(candidate))
    if (edits < least) [nearest, least] = [candidate, edits]
  }
  return nearest
}

function bare(name: string): string {
  return name.toLowerCase().replace(/[-_]/g, '')
}

/** Insertions, deletions, replacements and swapped neighbours (optimal string alignment). */
export function editDistance(from: string, to: string): number {
  let beforeLast: number[] = []
  let last = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1]
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (same ? 0 : 1),
          row > 1 && column > 1 && swapped ? (beforeLast[column - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      )
    }
    beforeLast = last
    last = current
  }
  return last[to.length] ?? 0
}
