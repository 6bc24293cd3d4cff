import type { Journal } from '../ports/journal.ts'

/**
 * One event a line, as stored. `hash` comes last and is the sha-256 of the line without it, so an export can be checked
 * without lastgood; `previousHash` is the `hash` of the line before.
 */
export async function* exportEvents(
  journal: Pick<Journal, 'read'>,
  filter: { service?: string; after?: number } = {},
): AsyncGenerator<string> {
  for (const event of await journal.read(filter)) yield `${JSON.stringify(event)}\n`
}
