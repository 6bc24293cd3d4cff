/**
 * Work that may take longer than a look: at most one of a name at a time, never waited for by a look. Its result is applied
 * when it comes.
 */
export class Background {
  readonly #running = new Map<string, Promise<void>>()

  /** Starts it, unless it still runs. `work` never rejects: what can go wrong is in its result. */
  start(name: string, work: () => Promise<void>): void {
    if (this.#running.has(name)) return
    this.#running.set(
      name,
      work().finally(() => this.#running.delete(name)),
    )
  }

  /** When all that runs has ended. */
  async settle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values())
  }
}
