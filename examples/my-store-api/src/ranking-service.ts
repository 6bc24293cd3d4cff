import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Stands in for a ranking service on another machine, which takes its time (SEARCH_LATENCY_MS): some of a real
 * store's requests are slow, and a release may not be taken away while it is answering one.
 */
export async function rankByRelevance<T extends { name: string }>(
  words: string,
  found: T[],
  latencyMs: number,
): Promise<T[]> {
  await sleep(latencyMs)
  const place = (product: T) => product.name.toLowerCase().indexOf(words.toLowerCase())
  return found.toSorted((a, b) => place(a) - place(b)).slice(0, 20)
}
