import type { StepContext } from '../step-handler.ts'

/** No name has one in it. */
const BETWEEN = '\n'

/**
 * What a step is about to do, by name: found before its effect and noted, so that a resumed one has the same names although
 * there is nothing left to do for it.
 */
export async function namesOnce(
  context: StepContext,
  key: string,
  find: () => Promise<string[]>,
): Promise<string[]> {
  const before = namesNoted(context, key)
  if (before !== null) return before
  const names = await find()
  await context.note({ [key]: names.join(BETWEEN) })
  return names
}

/** Null: nobody has looked yet. */
export function namesNoted(context: StepContext, key: string): string[] | null {
  const before = context.noted()[key]
  if (typeof before !== 'string') return null
  return before === '' ? [] : before.split(BETWEEN)
}
