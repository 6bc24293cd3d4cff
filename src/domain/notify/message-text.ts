/**
 * What is said, as lines that every sink writes in its own way. There is no markup in a text: whatever stands in it is
 * shown as it is, so that an error text or a commit message can never become a heading, a link or a mention.
 */
export interface MessageText {
  /** One line. */
  title: string
  lines: MessageLine[]
}

/** `gap`: an empty line. */
export type MessageLine =
  | { line: 'field'; label: string; text: string }
  | { line: 'heading' | 'item' | 'plain'; text: string }
  | { line: 'gap' }

/** As it reads where nothing can be made bold. */
export function plainText({ title, lines }: MessageText): string {
  return [title, '', ...plainLines(lines)].join('\n')
}

export function plainLines(lines: readonly MessageLine[]): string[] {
  return lines.map(plainLine)
}

function plainLine(line: MessageLine): string {
  switch (line.line) {
    case 'field':
      return `${line.label}: ${line.text}`
    case 'heading':
      return `${line.text}:`
    case 'item':
      return `- ${line.text}`
    case 'plain':
      return line.text
    case 'gap':
      return ''
  }
}

/** What a person could mistake for something else: control characters, line breaks, marks that turn text around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const INVISIBLE = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ue000-\uf8ff\ufeff]+/g

/** Half of a character, as it is left where a text was cut elsewhere. */
const HALF = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** A value on one line: nothing in it breaks the line, hides or turns around what is beside it. */
export function oneLine(value: string, most = 600): string {
  const clean = value.replace(HALF, '\ufffd').replace(INVISIBLE, ' ').replace(/ {2,}/g, ' ').trim()
  return cutText(clean, most)
}

/** At most `most` UTF-16 units, never through a character, and visibly cut. */
export function cutText(text: string, most: number): string {
  if (text.length <= most) return text
  return `${text.slice(0, Math.max(0, most - 1)).replace(/[\ud800-\udbff]$/, '')}…`
}
