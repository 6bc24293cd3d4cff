import { createHash } from 'node:crypto'
import { connect, isIP, type Socket } from 'node:net'
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
      const line = openLine(settings.smtp)
      const transport = createTransport({ ...transportOptions(settings.smtp), getSocket: line.give })
      signal.addEventListener('abort', line.cut)
      if (signal.aborted) line.cut()
      try {
        const info = await transport.sendMail(mailOf(message, settings))
        const refused = info.rejected.map(String)
        const note = oneLine(info.response, 120)
        return {
          outcome: 'sent',
          afterMs: null,
          receipt: null,
          note: refused.length === 0 ? note : `${note}; refused: ${refused.join(', ')}`,
        }
      } catch (error) {
        return signal.aborted ? retry('no answer in time') : judge(error)
      } finally {
        signal.removeEventListener('abort', line.cut)
        line.cut()
      }
    },
  }
}

type Give = (error: Error | null, socket?: { connection: Socket }) => void

/**
 * The connection is made here and not by nodemailer, which takes no signal: what hangs is cut, and holds up no command's end.
 */
function openLine(smtp: string): { give(options: object, give: Give): void; cut(): void } {
  const { host, port } = placeOf(new URL(smtp))
  let socket: Socket | null = null
  let isCut = false
  return {
    give(_, give) {
      socket = connect({ host, port })
      socket.setTimeout(TIMEOUT_MS, () => socket?.destroy(new Error('no connection in time')))
      socket.once('error', give)
      socket.once('connect', () => {
        socket?.removeListener('error', give)
        socket?.setTimeout(0)
        if (socket !== null) give(null, { connection: socket })
      })
      if (isCut) socket.destroy(new Error('cut'))
    },
    cut() {
      isCut = true
      socket?.destroy(new Error('cut'))
    },
  }
}

function placeOf(url: URL): { host: string; port: number; secure: boolean } {
  const secure = url.protocol === 'smtps:'
  const port = url.port === '' ? (secure ? 465 : 587) : Number(url.port)
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port, secure }
}

function transportOptions(smtp: string) {
  const url = new URL(smtp)
  const { host, port, secure } = placeOf(url)
  const auth =
    url.username === ''
      ? {}
      : { auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) } }
  return {
    host,
    port,
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
  const { text, incident, key, facts, invite } = message
  const domain = /@([^@>\s]+)>?$/.exec(from)?.[1] ?? 'lastgood.invalid'
  const idOf = (what: string) => `<${createHash('sha256').update(what).digest('hex').slice(0, 32)}@${domain}>`
  const thread = incident === null ? null : idOf(`incident ${key}`)
  return {
    from,
    to: recipientsOf(message, to),
    subject: text.title,
    messageId: idOf(`message ${key} ${message.id}`),
    ...(thread === null ? {} : { inReplyTo: thread, references: [thread] }),
    // So that no vacation notice answers it.
    headers: { 'Auto-Submitted': 'auto-generated', 'X-Lastgood-Message': message.id },
    ...(message.occasion === 'page' ? { priority: 'high' as const } : {}),
    date: new Date(facts.at),
    text: [...plainLines(text.lines), ''].join('\n'),
    html: htmlOf(text.title, text.lines),
    // As an alternative, which calendars read, and as a file, for those that do not.
    ...(invite === undefined
      ? {}
      : { icalEvent: { method: invite.method, content: invite.calendar, filename: 'invite.ics' } }),
  }
}

/** Persons where it is for persons, else the sink's own list. */
function recipientsOf({ person, invite }: LiveMessage, to: string[]): SendMailOptions['to'] {
  if (invite !== undefined) return invite.to.map(({ name, email }) => ({ name, address: email }))
  return person?.email == null ? to : [person.email]
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
