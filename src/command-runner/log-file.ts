import { closeSync, openSync, writeSync } from 'node:fs'

/** Written at once and in order of arrival: a log that ends before the last words is worth little. */
export class LogFile {
  readonly #descriptor: number

  constructor(path: string) {
    this.#descriptor = openSync(path, 'a', 0o600)
  }

  append(chunk: Buffer): void {
    let written = 0
    while (written < chunk.length) written += writeSync(this.#descriptor, chunk, written)
  }

  close(): void {
    closeSync(this.#descriptor)
  }
}
