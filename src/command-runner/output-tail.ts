/** The last `limit` bytes of a stream, whatever its length. */
export class OutputTail {
  readonly #limit: number
  #chunks: Buffer[] = []
  #bytes = 0

  constructor(limit: number) {
    this.#limit = limit
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    // Kept until it is twice the limit, so that a long log is not copied with every chunk.
    if (this.#bytes > 2 * this.#limit) this.#cut()
  }

  text(): string {
    this.#cut()
    return Buffer.concat(this.#chunks).toString('utf8')
  }

  #cut(): void {
    if (this.#bytes <= this.#limit) return
    const kept = Buffer.concat(this.#chunks).subarray(-this.#limit)
    // Not from the middle of a character.
    let start = 0
    while (start < 3 && ((kept[start] ?? 0) & 0xc0) === 0x80) start++
    this.#chunks = [Buffer.from(kept.subarray(start))]
    this.#bytes = kept.length - start
  }
}
