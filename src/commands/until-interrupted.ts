import type { CommandInput } from './session.ts'

/** Work that Ctrl-C ends by its own means. */
export async function untilInterrupted<T>(
  { world }: Pick<CommandInput, 'world'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController()
  const stopListening = world.onInterrupt(() => abort.abort())
  try {
    return await work(abort.signal)
  } finally {
    stopListening()
  }
}
