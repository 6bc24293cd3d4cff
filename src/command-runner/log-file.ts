import { closeSync, openSync, writeSync } from 'node:fs'
import { maskText } from '../domain/mask.ts'

const NEWLINE = 0x0a

/** Written at once and in order of arrival: a log that ends before the last words is worth little. */
export class LogFile {
  readonly #descriptor: number
  readonly #secrets: readonly string[]
  /** With secrets, the beginning of a line: one may come in two pieces. */
  #begun = Buffer.alloc(0)

  constructor(path: string, secrets: readonly string[] = []) {
    this.#descriptor = openSync(path, 'a', 0o600)
    this.#secrets = secrets
  }

  append(chunk: Buffer): void {
    if (this.#secrets.length === 0) {
      this.#write(chunk)
      return
    }
    const all = Buffer.concat([this.#begun, chunk])
    const end = all.lastIndexOf(NEWLINE) + 1
    this.#begun = all.subarray(end)
    this.#writeMasked(all.subarray(0, end))
  }

  close(): void {
    try {
      this.#writeMasked(this.#begun)
    } finally {
      closeSync(this.#descriptor)
    }
  }

  #writeMasked(bytes: Buffer): void {
    if (bytes.length > 0) this.#write(Buffer.from(maskText(bytes.toString('utf8'), this.#secrets)))
  }

  #write(bytes: Buffer): void {
    let written = 0
    while (written < bytes.length) written += writeSync(this.#descriptor, bytes, written)
  }
}
