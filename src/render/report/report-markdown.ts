import { isLate, showTime } from '../incident-text.ts'
import type { Edits } from './edits.ts'
import { escapeMarkdown as escaped } from './escape.ts'
import type { Block, EventEntry, Report, Section, Sentence } from './report.ts'

/** What people wrote is Markdown already and stands as it is; everything else is escaped. */
export function reportMarkdown(report: Report, edits: Edits): string {
  const own = [...edits].filter(([title]) => !report.sections.some((section) => holds(section, title)))
  const events = report.sections.at(-1)
  const parts = [
    `# ${escaped(report.title)}`,
    report.badges.map((badge) => `**${escaped(badge)}**`).join(' · '),
    ...report.sections.slice(0, -1).flatMap((section) => sectionLines(section, edits)),
    ...own.flatMap(([title, text]) => [`## ${escaped(title)}`, text]),
    ...(events === undefined ? [] : sectionLines(events, edits)),
  ]
  return `${parts.join('\n\n')}\n`
}

export function holds({ blocks }: Section, slot: string): boolean {
  return blocks.some((block) => block.kind === 'people' && block.slot === slot)
}

function sectionLines({ title, blocks }: Section, edits: Edits): string[] {
  return [`## ${title}`, ...blocks.flatMap((block) => blockText(block, edits))]
}

function blockText(block: Block, edits: Edits): string[] {
  switch (block.kind) {
    case 'text':
      return [block.sentences.map(sentence).join('\n')]
    case 'list':
      return [block.items.map((item) => `- ${sentence(item)}`).join('\n')]
    case 'chart':
      return [sentence(block.caption)]
    case 'table':
      return [
        table(
          [...block.head, 'events'],
          block.rows.map(({ cells, refs }) => [...cells.map(escaped), links(refs)]),
        ),
      ]
    case 'people': {
      const text = edits.get(block.slot)
      return [text ?? block.questions.map((question) => `> *${escaped(question)}*`).join('\n>\n')]
    }
    case 'events':
      return [table(['event', 'when (UTC)', 'what', 'type', 'by'], block.entries.map(eventRow))]
  }
}

function eventRow(entry: EventEntry): string[] {
  const { seq, at, recordedAt, text, type, actor, correctedBy } = entry
  const late = !isLate(entry) ? '' : ` (written down ${showTime(recordedAt)})`
  const right = correctedBy === null ? '' : ` (put right by ${links([correctedBy])})`
  return [
    `<a id="event-${seq}"></a>${seq}`,
    showTime(at),
    `${escaped(text)}${late}${right}`,
    escaped(type),
    escaped(actor),
  ]
}

function sentence({ text, refs }: Sentence): string {
  return `${escaped(text)} ${links(refs)}`.trimEnd()
}

function links(refs: readonly number[]): string {
  return refs.map((seq) => `[#${seq}](#event-${seq})`).join(' ')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
