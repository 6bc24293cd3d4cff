import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeReply, encodeCall } from './rpc-message.ts'

/** As PM2 7.0 wrote them on its socket. */
const CALL =
  '\x12\x00\x00\x003j:{"type":"call","method":"getVersion","args":[{}]}\x00\x00\x00\x0cs:lastgood:0'
const REPLY = '\x12\x00\x00\x00\x14j:{"args":["7.0.4"]}\x00\x00\x00\x0cs:lastgood:0'

test('speaks as the command does', () => {
  expect(encodeCall('getVersion', {}).toString('latin1')).toBe(CALL)
  expect(decodeReply(Buffer.from(REPLY, 'latin1'))).toEqual({ kind: 'answered', value: '7.0.4' })
})

test('waits for the whole reply, wherever it is cut', () => {
  for (let length = 0; length < REPLY.length; length++)
    expect(decodeReply(Buffer.from(REPLY.slice(0, length), 'latin1')), `${length} bytes`).toBeNull()
})

const frame = (text: string) => {
  const length = Buffer.alloc(4)
  length.writeUInt32BE(Buffer.byteLength(text))
  return Buffer.concat([Buffer.from([0x11]), length, Buffer.from(text)])
}

test('tells a refusal from an answer', () => {
  expect(decodeReply(frame('j:{"error":"no such process","stack":"..."}'))).toEqual({
    kind: 'refused',
    reason: 'no such process',
  })
  expect(decodeReply(frame('j:{"error":{"code":1}}'))).toEqual({ kind: 'refused', reason: '{"code":1}' })
})

test.each(['s:hello', 'j:{', 'j:[]', 'j:null', 'j:{"args":"7"}', 'j:{}', ''])('calls %j strange', (text) => {
  expect(decodeReply(frame(text))).toEqual({ kind: 'strange' })
})

test('never throws, whatever arrives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      const reply = decodeReply(Buffer.from(bytes))
      expect(reply === null || ['answered', 'refused', 'strange'].includes(reply.kind)).toBe(true)
    }),
  )
})
