import MarkdownIt from 'markdown-it'
import { isLate, showTime } from '../incident-text.ts'
import type { Edits } from './edits.ts'
import { escapeHtml as escaped } from './escape.ts'
import type { Block, EventEntry, Report, Section, Sentence } from './report.ts'
import { holds } from './report-markdown.ts'
import { reportStyle } from './report-style.ts'

/** Raw HTML of people's Markdown stays text, and no picture is fetched from anywhere. */
const markdown = new MarkdownIt({ html: false, linkify: false }).disable('image')

/** Headings of people's words stand below the section's own, and none is left out on the way down. */
markdown.core.ruler.push('lower-headings', ({ tokens }) => {
  for (const token of tokens) if (/^h[1-6]$/.test(token.tag)) token.tag = 'h3'
})

/** Nothing is ever run or fetched by it, whatever got into it. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

/** One file, complete in itself: no script, no link to a style, no font. */
export function reportHtml(report: Report, edits: Edits): string {
  const own = [...edits].filter(([title]) => !report.sections.some((section) => holds(section, title)))
  const events = report.sections.at(-1)
  return [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escaped(POLICY)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="color-scheme" content="light dark">',
    `<title>${escaped(report.title)}</title>`,
    `<style>${reportStyle}</style>`,
    '</head>',
    '<body>',
    '<main>',
    '<header>',
    `<h1>${escaped(report.title)}</h1>`,
    `<p class="badges">${report.badges.map((badge) => `<span>${escaped(badge)}</span>`).join(' ')}</p>`,
    '</header>',
    ...report.sections.slice(0, -1).map((section) => sectionHtml(section, edits)),
    ...own.map(
      ([title, text], i) =>
        `<section aria-labelledby="own-${i}"><h2 id="own-${i}">${escaped(title)}</h2>\n${markdown.render(text)}</section>`,
    ),
    ...(events === undefined ? [] : [sectionHtml(events, edits)]),
    '</main>',
    '</body>',
    '</html>',
    '',
  ].join('\n')
}

function sectionHtml({ id, title, blocks }: Section, edits: Edits): string {
  const inside = blocks.map((block) => blockHtml(block, edits)).join('\n')
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escaped(title)}</h2>\n${inside}</section>`
}

function blockHtml(block: Block, edits: Edits): string {
  switch (block.kind) {
    case 'text':
      return `<p>${block.sentences.map(sentence).join(' ')}</p>`
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${sentence(item)}</li>`).join('')}</ul>`
    case 'chart':
      // Drawn by charts.ts, which escapes what it writes.
      return `<figure>${block.svg}<figcaption>${sentence(block.caption)}</figcaption></figure>`
    case 'table':
      return tableHtml(
        block.label,
        [...block.head, 'events'],
        block.rows.map(({ cells, refs }) => `<tr>${cells.map(cell).join('')}<td>${links(refs)}</td></tr>`),
      )
    case 'people': {
      const text = edits.get(block.slot)
      if (text !== undefined) return `<div class="people">${markdown.render(text)}</div>`
      return `<ul class="questions">${block.questions.map((question) => `<li>${escaped(question)}</li>`).join('')}</ul>`
    }
    case 'events':
      return tableHtml('Events', ['event', 'when (UTC)', 'what', 'type', 'by'], block.entries.map(eventRow))
  }
}

/** Wider than a phone: the box scrolls, and can be reached by the keyboard. */
function tableHtml(label: string, head: readonly string[], rows: readonly string[]): string {
  const heads = head.map((name) => `<th scope="col">${escaped(name)}</th>`).join('')
  return `<div class="wide" role="region" aria-label="${escaped(label)}, table" tabindex="0"><table><thead><tr>${heads}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table></div>`
}

function cell(text: string): string {
  return `<td>${escaped(text)}</td>`
}

function eventRow(entry: EventEntry): string {
  const { seq, at, recordedAt, text, type, actor, correctedBy } = entry
  const late = !isLate(entry) ? '' : ` <small>(written down ${showTime(recordedAt)})</small>`
  const right = correctedBy === null ? '' : ` <small>(put right by ${links([correctedBy])})</small>`
  const what = correctedBy === null ? escaped(text) : `<del>${escaped(text)}</del>`
  return `<tr id="event-${seq}"><td>${seq}</td><td>${showTime(at)}</td><td>${what}${late}${right}</td>${cell(type)}${cell(actor)}</tr>`
}

function sentence({ text, refs }: Sentence): string {
  return `${escaped(text)} ${links(refs)}`.trimEnd()
}

function links(refs: readonly number[]): string {
  return refs.map((seq) => `<a class="event" href="#event-${seq}">#${seq}</a>`).join(' ')
}
