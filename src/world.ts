/** The process's edges, handed in, so that main() can be run with others. */
export interface World {
  env: Readonly<Record<string, string | undefined>>
  cwd: string
  stdout: Output
  stderr: Output
  /** Asks on the terminal; null when there is none to ask on. */
  ask: ((question: string) => Promise<string>) | null
  /** Goes before other processes where this one may: a sick release can eat the processor. */
  hurry(): void
  /** Calls back on SIGINT and SIGTERM until the returned function is called. */
  onInterrupt(callback: () => void): () => void
}

export interface Output {
  write(text: string): void
  isTerminal: boolean
  /** Width in characters; 80 where it is not known. */
  columns: number
}
