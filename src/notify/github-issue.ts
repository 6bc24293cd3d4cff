import type { LiveMessage, Occasion, Receipt } from '../domain/notify/message.ts'
import { cutText, type MessageLine } from '../domain/notify/message-text.ts'
import type { GitHubSettings } from '../domain/notify/notify-configuration.ts'
import type { Delivery, OutsideSink } from '../ports/sink.ts'
import {
  exchange,
  type HttpAnswer,
  isAnswer,
  isSuccess,
  jsonList,
  jsonObject,
  judgeFailure,
  retry,
  retryAfterMs,
} from './http.ts'

const TITLE = 256
const BODY = 65_536

/**
 * An issue for each incident, a comment for each message, closed with the last. Each carries an invisible mark, and is looked
 * for before another is made: GitHub has no idempotency key, and its search lags behind, so the newest are listed.
 */
export function githubIssue({ name, reader, repository, token, label, api }: GitHubSettings): OutsideSink {
  const base = `${api}/repos/${repository}/issues`

  async function call(
    method: 'GET' | 'POST' | 'PATCH',
    url: string,
    signal: AbortSignal,
    body?: object,
  ): Promise<HttpAnswer | Delivery> {
    const answer = await exchange({
      method,
      url,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'x-github-api-version': '2022-11-28',
      },
      json: body,
      signal,
    })
    if (!isAnswer(answer) || isSuccess(answer)) return answer
    return rateLimited(answer) ?? judgeFailure(answer, 60_000)
  }

  async function findMarked(url: string, mark: string, signal: AbortSignal) {
    const answer = await call('GET', url, signal)
    if (!isAnswer(answer)) return answer
    const items = jsonList(answer)
    if (items === null) return retry('the answer is no list')
    return { found: items.find(({ body }) => typeof body === 'string' && body.includes(mark)) ?? null }
  }

  async function open(message: LiveMessage, signal: AbortSignal): Promise<Opened | Delivery> {
    const mark = markOf(`incident ${message.key}`)
    const query = `labels=${encodeURIComponent(label)}&state=all&sort=created&direction=desc&per_page=100`
    const listed = await findMarked(`${base}?${query}`, mark, signal)
    if ('outcome' in listed) return listed
    const { found } = listed
    const said = markOf(`message ${message.id}`)
    if (typeof found?.number === 'number')
      return { issue: String(found.number), told: String(found.body).includes(said) }
    const title = cutText(message.text.title, TITLE)
    const body = `${bodyOf(message)}\n\n${mark}\n${said}`
    const created = await call('POST', base, signal, { title, body, labels: [label] })
    if (!isAnswer(created)) return created
    const number = jsonObject(created)?.number
    return typeof number === 'number'
      ? { issue: String(number), told: true }
      : retry('the answer has no number')
  }

  async function comment(message: LiveMessage, issue: string, signal: AbortSignal): Promise<Delivery | null> {
    const mark = markOf(`message ${message.id}`)
    const since = new Date(Date.parse(message.facts.at) - 60_000).toISOString()
    const listed = await findMarked(`${base}/${issue}/comments?per_page=100&since=${since}`, mark, signal)
    if ('outcome' in listed) return listed
    if (listed.found !== null) return null
    const body = `**${escapeMarkdown(message.text.title)}**\n\n${bodyOf(message)}\n\n${mark}`
    const made = await call('POST', `${base}/${issue}/comments`, signal, { body })
    return isAnswer(made) ? null : made
  }

  return {
    name,
    kind: 'github',
    reach: 'outside',
    reader,
    async deliver(message, receipt, signal) {
      if (message.occasion === 'test' || message.incident === null) return check(signal)
      const opened =
        receipt?.issue === undefined ? await open(message, signal) : { issue: receipt.issue, told: false }
      if ('outcome' in opened) return opened
      const { issue, told } = opened
      const kept: Receipt = { issue }
      const problem = told ? null : await comment(message, issue, signal)
      if (problem !== null) return withReceipt(problem, kept)
      if (CLOSES.has(message.occasion)) {
        const state = { state: 'closed', state_reason: 'completed' }
        const closed = await call('PATCH', `${base}/${issue}`, signal, state)
        if (!isAnswer(closed)) return withReceipt(closed, kept)
      }
      return { outcome: 'confirmed', afterMs: null, receipt: kept, note: `#${issue}` }
    },
  }

  /** An issue that says that it is a test would have to be closed by somebody. */
  async function check(signal: AbortSignal): Promise<Delivery> {
    const answer = await call('GET', `${base}?per_page=1`, signal)
    if (!isAnswer(answer)) return answer
    return {
      outcome: 'confirmed',
      afterMs: null,
      receipt: null,
      note: 'the token works; no issue was opened',
    }
  }
}

/** `told`: the issue itself says what is to be said. */
interface Opened {
  issue: string
  told: boolean
}

const CLOSES: ReadonlySet<Occasion> = new Set(['resolved', 'dismissed'])

function withReceipt(delivery: Delivery, receipt: Receipt): Delivery {
  return delivery.outcome === 'failed' ? delivery : { ...delivery, receipt }
}

/** The secondary limit is a 403 that says so in its headers. */
function rateLimited(answer: HttpAnswer): Delivery | null {
  if (answer.status !== 403) return null
  const after = retryAfterMs(answer)
  if (after !== null) return retry('403: too many requests', after)
  if (answer.header('x-ratelimit-remaining') !== '0') return null
  const reset = Number(answer.header('x-ratelimit-reset')) * 1_000 - Date.now()
  return retry('403: too many requests', Number.isFinite(reset) ? Math.max(0, reset) : 60_000)
}

function markOf(text: string): string {
  return `<!-- lastgood ${text.replaceAll('--', '- -')} -->`
}

function bodyOf({ text }: LiveMessage): string {
  return cutText(text.lines.map(markdownLine).join('\n'), BODY - 2_000)
}

function markdownLine(line: MessageLine): string {
  switch (line.line) {
    case 'field':
      return `**${escapeMarkdown(line.label)}**: ${escapeMarkdown(line.text)}  `
    case 'heading':
      return `\n**${escapeMarkdown(line.text)}**\n`
    case 'item':
      return `- ${escapeMarkdown(line.text)}`
    case 'plain':
      return `${escapeMarkdown(line.text)}  `
    case 'gap':
      return ''
  }
}

/** Shown as it is: no markup, no HTML, no link, nobody mentioned, no other issue referred to. */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*_{}[\]()+.!|~-]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/[@#]/g, (sign) => `${sign}<!-- -->`)
    .replaceAll('://', '&#58;//')
    .replace(/\b(GH)(\\-)/gi, '$1<!-- -->$2')
    .replace(/\bwww\b/gi, 'ww<!-- -->w')
}
