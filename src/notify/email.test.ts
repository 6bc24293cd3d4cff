import type { SMTPServerOptions } from 'smtp-server'
import { afterEach, expect, test } from 'vitest'
import { type MailServer, openMailServer } from '../../lab/mail/mail-server.ts'
import { HOSTILE, messageFor, settingsFor } from '../../test/support/messages.ts'
import { oneLine } from '../domain/notify/message-text.ts'
import { email } from './email.ts'

const never = new AbortController().signal
const servers: MailServer[] = []
afterEach(() => Promise.all(servers.splice(0).map((server) => server[Symbol.asyncDispose]())))

async function serve(options?: SMTPServerOptions): Promise<MailServer> {
  const server = await openMailServer(options)
  servers.push(server)
  return server
}

const sinkAt = (smtp: string) => email({ ...settingsFor('').email, smtp })

test('what is sent is what is read: words, threads, and one id however often it is sent', async () => {
  const { url, mails } = await serve()
  const sink = sinkAt(url)
  expect(await sink.deliver(messageFor(), null, never)).toMatchObject({ outcome: 'sent', afterMs: null })
  await sink.deliver(messageFor(), null, never)
  await sink.deliver(messageFor({ id: 'i7/resolved', occasion: 'resolved' }), null, never)
  const [first, again, last] = mails
  expect(first).toMatchObject({ from: 'lastgood@example.org', to: ['ops@example.org', 'boss@example.org'] })
  expect(first?.parsed).toMatchObject({
    subject: '🔴 SEV-1 · Checkout errors after v1.8.0',
    text: 'Status: Rolling back\nImpact: 31% of checkouts fail\n\nTimeline:\n- 14:02 UTC - Issue detected\nData: none lost\n',
    date: new Date('2026-11-23T14:02:11.000Z'),
  })
  expect(first?.parsed.headers.get('auto-submitted')).toBe('auto-generated')
  expect(again?.parsed.messageId).toBe(first?.parsed.messageId)
  expect(last?.parsed.messageId).not.toBe(first?.parsed.messageId)
  expect(last?.parsed.references).toEqual(first?.parsed.references)
})

test('a hostile text is text: one subject, no header of its own, no markup', async () => {
  const { url, mails } = await serve()
  const hostile = oneLine(`${HOSTILE}\r\nBcc: eve@example.org`)
  const text = { title: hostile, lines: [{ line: 'field' as const, label: hostile, text: hostile }] }
  await sinkAt(url).deliver(messageFor({ text }), null, never)
  const [mail] = mails
  expect(mail?.to).toEqual(['ops@example.org', 'boss@example.org'])
  expect(mail?.parsed.subject).toBe(hostile)
  expect(mail?.parsed.headers.has('bcc')).toBe(false)
  expect(mail?.parsed.html).not.toMatch(/<script|<a |<img|<!channel/)
  expect(mail?.parsed.html).toContain('&lt;script&gt;')
})

test('a page goes to its person alone', async () => {
  const { url, mails } = await serve()
  const person = { name: 'ann', email: 'ann@example.org', slack: null }
  await sinkAt(url).deliver(messageFor({ occasion: 'page', person }), null, never)
  expect(mails[0]?.to).toEqual(['ann@example.org'])
})

const refuse = (responseCode: number) => Object.assign(new Error('no'), { responseCode })

test.each([
  [
    'a box that is full',
    { onData: (stream, _, done) => stream.resume().on('end', () => done(refuse(452))) },
    'retry',
  ],
  ['a sender it does not take', { onMailFrom: (_, __, done) => done(refuse(550)) }, 'failed'],
  [
    'one address of two',
    { onRcptTo: ({ address }, _, done) => done(address.startsWith('boss') ? refuse(550) : null) },
    'sent',
  ],
  [
    'a mail it calls too large',
    { onData: (stream, _, done) => stream.resume().on('end', () => done(refuse(552))) },
    'failed',
  ],
] satisfies [string, SMTPServerOptions, string][])('%s', async (_, options, outcome) => {
  const { url } = await serve(options)
  const delivery = await sinkAt(url).deliver(messageFor(), null, never)
  expect(delivery.outcome).toBe(outcome)
  if (outcome === 'sent')
    expect(delivery).toMatchObject({ note: expect.stringContaining('refused: boss@example.org') })
})

test('nobody there, and one that says nothing', async () => {
  expect(await sinkAt('smtp://127.0.0.1:1').deliver(messageFor(), null, never)).toMatchObject({
    outcome: 'retry',
  })
  const { url } = await serve({ onConnect: () => {} })
  expect(await sinkAt(url).deliver(messageFor(), null, AbortSignal.timeout(50))).toEqual({
    ...{ outcome: 'retry', afterMs: null, receipt: null, note: 'no answer in time' },
  })
})

test('a password goes over no open line, and comes back in no answer', async () => {
  const { url } = await serve()
  const at = (host: string) => sinkAt(url.replace('127.0.0.1', `ops:hunter2-secret@${host}`))
  const local = await at('127.0.0.1').deliver(messageFor(), null, never)
  expect(JSON.stringify(local)).not.toContain('hunter2')
  // By another name it is another machine, and this one has no TLS.
  const named = await at('[::ffff:127.0.0.1]').deliver(messageFor(), null, never)
  expect(named.outcome).not.toBe('sent')
})

test('smtps speaks TLS from the first byte, and believes no certificate that anybody could have made', async () => {
  const { url, mails } = await serve({ secure: true })
  const delivery = await sinkAt(url.replace('smtp:', 'smtps:')).deliver(messageFor(), null, never)
  expect(delivery).toMatchObject({ outcome: 'retry', note: expect.stringMatching(/certificate/i) })
  expect(mails).toEqual([])
})
