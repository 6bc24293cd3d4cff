/** Between "please end" and the end, ms. */
const GRACE_MS = 2_000

/**
 * A child that leads its own process group, with everything it started. What has made a session of its own (the PM2
 * daemon) is not in it and lives on.
 */
export class ProcessGroup {
  readonly #leader: number
  #forced: NodeJS.Timeout | null = null

  constructor(leader: number) {
    this.#leader = leader
    // This process may be ended before the child; nobody would be left to end that one.
    process.once('exit', this.#killNow)
  }

  end(): void {
    if (this.#forced !== null) return
    this.#signal('SIGTERM')
    this.#forced = setTimeout(this.#killNow, GRACE_MS)
  }

  /** The leader has ended. What it left in the group goes too when it was ended by us: nobody waits for it. */
  leaderEnded(): void {
    process.off('exit', this.#killNow)
    if (this.#forced === null) return
    clearTimeout(this.#forced)
    this.#killNow()
  }

  readonly #killNow = (): void => this.#signal('SIGKILL')

  #signal(signal: NodeJS.Signals): void {
    try {
      process.kill(-this.#leader, signal)
    } catch {
      // Already gone, all of it.
    }
  }
}
