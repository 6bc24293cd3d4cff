/** What a server answers: a line, a number, bytes (as latin1 text, so that any key survives), a list, nothing, an error. */
export type Reply = string | number | null | Reply[] | RedisError

export class RedisError {
  readonly message: string
  constructor(message: string) {
    this.message = message
  }
}

/** A command as a list of its words, each with its length: nothing in a word is ever read as something else. */
export function encodeCommand(words: readonly string[]): Buffer {
  const parts = words.flatMap((word) => {
    const bytes = Buffer.from(word, 'latin1')
    return [Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]
  })
  return Buffer.concat([Buffer.from(`*${words.length}\r\n`), ...parts])
}

/** The first whole reply and where the next one begins; null: more bytes are needed. @throws Error when it is not RESP */
export function parseReply(bytes: Buffer, at = 0): { reply: Reply; next: number } | null {
  const end = bytes.indexOf('\r\n', at)
  if (end === -1) return null
  const line = bytes.toString('latin1', at + 1, end)
  const next = end + 2
  switch (bytes.toString('latin1', at, at + 1)) {
    case '+':
      return { reply: line, next }
    case '-':
      return { reply: new RedisError(line), next }
    case ':':
      return { reply: Number(line), next }
    case '$':
      return parseBytes(bytes, next, lengthIn(line))
    case '*':
      return parseList(bytes, next, lengthIn(line))
    default:
      throw new Error('the answer is not that of a Redis server')
  }
}

function parseBytes(bytes: Buffer, at: number, length: number): { reply: Reply; next: number } | null {
  if (length === -1) return { reply: null, next: at }
  if (bytes.length < at + length + 2) return null
  return { reply: bytes.toString('latin1', at, at + length), next: at + length + 2 }
}

function parseList(bytes: Buffer, at: number, length: number): { reply: Reply; next: number } | null {
  if (length === -1) return { reply: null, next: at }
  const items: Reply[] = []
  let next = at
  for (let i = 0; i < length; i++) {
    const item = parseReply(bytes, next)
    if (item === null) return null
    items.push(item.reply)
    next = item.next
  }
  return { reply: items, next }
}

function lengthIn(line: string): number {
  const length = Number(line)
  if (!Number.isInteger(length) || length < -1) throw new Error('the answer is not that of a Redis server')
  return length
}
