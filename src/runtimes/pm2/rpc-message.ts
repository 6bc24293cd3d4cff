/**
 * PM2's wire format, the same in its versions 2 to 7 (axon's AMP framing): a byte with the version (high half) and the number
 * of parts (low half), then each part as its length (32 bit, big endian) and its bytes, which begin with `j:` (JSON) or `s:`
 * (text). A call is `{type, method, args}` and an id; its reply is `{args}` or `{error}` and the same id.
 */
const VERSION = 1
const ID = 's:lastgood:0'

export function encodeCall(method: string, argument: object): Buffer {
  const call = `j:${JSON.stringify({ type: 'call', method, args: [argument] })}`
  const parts = [call, ID].map((part) => Buffer.from(part, 'utf8'))
  const framed = parts.flatMap((part) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(part.length)
    return [length, part]
  })
  return Buffer.concat([Buffer.from([(VERSION << 4) | parts.length]), ...framed])
}

export type Reply =
  | { kind: 'answered'; value: unknown }
  | { kind: 'refused'; reason: string }
  | { kind: 'strange' }

/** Null: there is more to come. */
export function decodeReply(received: Buffer): Reply | null {
  const [meta] = received
  if (meta === undefined) return null
  if (meta >> 4 !== VERSION) return { kind: 'strange' }
  const parts: Buffer[] = []
  let at = 1
  for (let left = meta & 0xf; left > 0; left--) {
    if (received.length < at + 4) return null
    const end = at + 4 + received.readUInt32BE(at)
    if (received.length < end) return null
    parts.push(received.subarray(at + 4, end))
    at = end
  }
  return readReply(parts[0]?.toString('utf8') ?? '')
}

function readReply(text: string): Reply {
  if (!text.startsWith('j:')) return { kind: 'strange' }
  try {
    const reply: unknown = JSON.parse(text.slice(2))
    if (typeof reply !== 'object' || reply === null) return { kind: 'strange' }
    if ('error' in reply) return { kind: 'refused', reason: reasonIn(reply.error) }
    if ('args' in reply && Array.isArray(reply.args)) return { kind: 'answered', value: reply.args[0] }
    return { kind: 'strange' }
  } catch {
    return { kind: 'strange' }
  }
}

function reasonIn(error: unknown): string {
  return typeof error === 'string' ? error : JSON.stringify(error)
}
