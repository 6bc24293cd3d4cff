import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { createTransport, type SendMailOptions } from 'nodemailer'
import type { LiveMessage } from '../domain/notify/message.ts'
import { type MessageLine, oneLine, plainLines } from '../domain/notify/message-text.ts'
import type { EmailSettings } from '../domain/notify/notify-configuration.ts'
import type { Delivery, OutsideSink } from '../ports/sink.ts'
import { retry } from './http.ts'

const TIMEOUT_MS = 10_000

/**
 * By SMTP. The Message-ID is the message's own, so that one that arrives twice is one in the reader's program, and what is said
 * of one incident stands in one thread.
 */
export function email(settings: EmailSettings): OutsideSink {
  const { name, reader } = settings
  return {
    name,
    kind: 'email',
    reach: 'outside',
    reader,
    async deliver(message, _receipt, signal) {
      const transport = createTransport(transportOptions(settings.smtp))
      // Nothing in nodemailer takes a signal; to close it ends what it is at.
      const stop = () => transport.close()
      signal.addEventListener('abort', stop)
      try {
        const sent = transport.sendMail(mailOf(message, settings))
        const info = await Promise.race([sent, aborted(signal)])
        if (info === null) {
          sent.catch(() => {})
          return retry('no answer in time')
        }
        const refused = info.rejected.map(String)
        const note = oneLine(info.response, 120)
        return {
          outcome: 'sent',
          afterMs: null,
          receipt: null,
          note: refused.length === 0 ? note : `${note}; refused: ${refused.join(', ')}`,
        }
      } catch (error) {
        return judge(error)
      } finally {
        signal.removeEventListener('abort', stop)
        transport.close()
      }
    },
  }
}

function transportOptions(smtp: string) {
  const url = new URL(smtp)
  const secure = url.protocol === 'smtps:'
  const auth =
    url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return {
    host,
    port: url.port === '' ? (secure ? 465 : 587) : Number(url.port),
    secure,
    // A password goes through no open line; the machine itself is none.
    requireTLS: !secure && url.username !== '' && !isLoopback(host),
    ...auth,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

function mailOf(message: LiveMessage, { from, to }: EmailSettings): SendMailOptions {
  const { text, person, incident, key, facts } = message
  const domain = /@([^@>\s]+)>?$/.exec(from)?.[1] ?? 'lastgood.invalid'
  const idOf = (what: string) => `<${createHash('sha256').update(what).digest('hex').slice(0, 32)}@${domain}>`
  const thread = incident === null ? null : idOf(`incident ${key}`)
  return {
    from,
    to: person?.email == null ? to : [person.email],
    subject: text.title,
    messageId: idOf(`message ${key} ${message.id}`),
    ...(thread === null ? {} : { inReplyTo: thread, references: [thread] }),
    // So that no vacation notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Lastgood-Message': message.id },
    ...(message.occasion === 'page' ? { priority: 'high' as const } : {}),
    date: new Date(facts.at),
    text: [...plainLines(text.lines), ''].join('\n'),
    html: htmlOf(text.title, text.lines),
  }
}

/** Tables, because mail programs know little else; no image and no link, so that nothing is fetched when it is read. */
function htmlOf(title: string, lines: readonly MessageLine[]): string {
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    `<title>${escapeHtml(title)}</title></head>`,
    '<body style="font:15px/1.5 sans-serif;max-width:640px;margin:0 auto;padding:16px">',
    `<h1 style="font-size:20px;margin:0 0 12px">${escapeHtml(title)}</h1>`,
    ...lines.map(htmlLine),
    '</body></html>',
  ].join('\n')
}

function htmlLine(line: MessageLine): string {
  switch (line.line) {
    case 'field':
      return `<p style="margin:0 0 6px"><strong>${escapeHtml(line.label)}:</strong> ${escapeHtml(line.text)}</p>`
    case 'heading':
      return `<h2 style="font-size:16px;margin:16px 0 6px">${escapeHtml(line.text)}</h2>`
    case 'item':
      return `<p style="margin:0 0 4px">• ${escapeHtml(line.text)}</p>`
    case 'plain':
      return `<p style="margin:0 0 6px">${escapeHtml(line.text)}</p>`
    case 'gap':
      return ''
  }
}

function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** 4xx of SMTP passes, 5xx does not; without a number nobody was reached. */
function judge(error: unknown): Delivery {
  const { responseCode, code, message } = error as { responseCode?: number; code?: string; message?: string }
  const note = oneLine(`${code ?? 'failed'}: ${message ?? ''}`, 200)
  return responseCode !== undefined && responseCode >= 500 ? { outcome: 'failed', why: note } : retry(note)
}

function aborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null)
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
}
