import type { LiveMessage } from '../domain/notify/message.ts'
import { cutText, type MessageLine } from '../domain/notify/message-text.ts'

/** Of Slack's own documents; the total is not in them, and is refused from about 13,000 on. */
const HEADER = 150
const SECTION = 3_000
const FIELD = 2_000
const FIELDS = 10
const TOTAL = 10_000

type Mrkdwn = { type: 'mrkdwn'; text: string; verbatim: true }

export type SlackBlock =
  | { type: 'header'; text: { type: 'plain_text'; text: string; emoji: true } }
  | { type: 'section'; text: Mrkdwn }
  | { type: 'section'; fields: Mrkdwn[] }
  | { type: 'context'; elements: Mrkdwn[] }

/** `text` is what a notification and a screen reader say. */
export function slackMessage(message: LiveMessage): { text: string; blocks: SlackBlock[] } {
  const { title, lines } = message.text
  const head: SlackBlock = {
    type: 'header',
    text: { type: 'plain_text', text: cutText(title, HEADER), emoji: true },
  }
  const mention = mentionOf(message)
  const foot: SlackBlock = { type: 'context', elements: [mrkdwn(contextOf(message))] }
  const fixed = [head, ...mention, foot]
  const body = withinTotal(sectionsOf(lines), TOTAL - sizeOf(fixed))
  return { text: escapeSlack(cutText(title, SECTION)), blocks: [head, ...mention, ...body, foot] }
}

/** The three characters that have a meaning; `verbatim` keeps names and addresses from getting one. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

function mrkdwn(text: string): Mrkdwn {
  return { type: 'mrkdwn', text, verbatim: true }
}

function mentionOf({ person }: LiveMessage): SlackBlock[] {
  if (person === null) return []
  const who = person.slack === null ? escapeSlack(person.name) : `<@${person.slack}>`
  return [{ type: 'section', text: mrkdwn(`*For* ${who}`) }]
}

function contextOf({ incident, facts }: LiveMessage): string {
  const parts = [escapeSlack(facts.service), ...(incident === null ? [] : [incident])]
  if (facts.nextUpdate !== null) {
    const seconds = Math.floor(Date.parse(facts.nextUpdate) / 1_000)
    // In the reader's own time zone; the words after | are for clients that cannot.
    parts.push(`<!date^${seconds}^Next update {time}|Next update ${facts.nextUpdate.slice(11, 16)} UTC>`)
  }
  if (facts.link !== null) parts.push(`<${escapeSlack(facts.link)}|more>`)
  return parts.join(' · ')
}

/** Fields that follow each other stand side by side; everything else is text, in sections that are not too long. */
function sectionsOf(lines: readonly MessageLine[]): SlackBlock[] {
  const blocks: SlackBlock[] = []
  let fields: Mrkdwn[] = []
  let text: string[] = []
  const flush = () => {
    if (fields.length > 0) blocks.push({ type: 'section', fields })
    const whole = text.join('\n').trim()
    if (whole !== '') blocks.push({ type: 'section', text: mrkdwn(whole) })
    fields = []
    text = []
  }
  for (const line of lines) {
    if (line.line === 'field') {
      if (text.length > 0 || fields.length === FIELDS) flush()
      fields.push(mrkdwn(escapedTo(FIELD, line.text, (value) => `*${escapeSlack(line.label)}*\n${value}`)))
      continue
    }
    const next =
      line.line === 'gap' ? '' : escapedTo(SECTION, line.text, (value) => prefixed(line.line, value))
    if (fields.length > 0 || text.join('\n').length + next.length + 1 > SECTION) flush()
    text.push(next)
  }
  flush()
  return blocks
}

function prefixed(kind: 'heading' | 'item' | 'plain', value: string): string {
  return kind === 'heading' ? `*${value}*` : kind === 'item' ? `• ${value}` : value
}

/** An escape is never cut through: what is cut is the text before it is escaped. */
function escapedTo(most: number, text: string, wrap: (escaped: string) => string): string {
  for (let length = text.length; ; length = Math.floor(length * 0.9)) {
    const whole = wrap(escapeSlack(cutText(text, length)))
    if (whole.length <= most || length === 0) return whole
  }
}

function withinTotal(blocks: readonly SlackBlock[], room: number): SlackBlock[] {
  const kept: SlackBlock[] = []
  const note: SlackBlock = { type: 'section', text: mrkdwn('_The rest is too long for Slack._') }
  let left = room - sizeOf([note])
  for (const block of blocks) {
    left -= sizeOf([block])
    if (left < 0 || kept.length === MOST_BLOCKS) return [...kept, note]
    kept.push(block)
  }
  return kept
}

/** Of 50, with head, mention, note and foot. */
const MOST_BLOCKS = 45

function sizeOf(blocks: readonly SlackBlock[]): number {
  return blocks.reduce((sum, block) => {
    if (block.type === 'context') return sum + block.elements.reduce((all, { text }) => all + text.length, 0)
    if ('fields' in block) return sum + block.fields.reduce((all, { text }) => all + text.length, 0)
    return sum + block.text.text.length
  }, 0)
}
