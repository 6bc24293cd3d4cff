import { type MessageLine, type MessageText, oneLine } from './message-text.ts'

/** What may stand in a template: `text` alone, or a list whose entries have texts of their own. */
export type Vocabulary = Readonly<Record<string, 'text' | readonly string[]>>

/** Null and an empty list are "not there". */
export type View = Readonly<Record<string, string | null | readonly Readonly<Record<string, string>>[]>>

export interface TemplateProblem {
  line: number
  message: string
}

type Node =
  | { node: 'literal'; text: string }
  | { node: 'value'; name: string }
  | { node: 'section'; name: string; inverted: boolean; children: Node[] }

export interface Template {
  nodes: Node[]
  problems: TemplateProblem[]
}

const TAG = /\{\{([#^/!&]?)([^{}]*)\}\}|\{\{\{?|\}\}\}?/g
/** A tag alone on its line takes the line with it. */
const ALONE = /^[ \t]*(\{\{[#^/!][^{}]*\}\})[ \t]*(?:\r?\n|$)/gm

/**
 * Mustache without its escapes, partials and lambdas: `{{name}}`, `{{#name}}...{{/name}}` for what is there and for each entry
 * of a list, `{{^name}}...{{/name}}` for what is not, `{{! remark}}`. The first line is the title; of the others,
 * `**Label**: ...` is a field, `**Heading**` a heading and `- ...` an item.
 */
export function parseTemplate(source: string): Template {
  const problems: TemplateProblem[] = []
  const nodes: Node[] = []
  const open: { name: string; line: number; children: Node[] }[] = [{ name: '', line: 0, children: nodes }]
  const text = source.replace(/[\ue000\ue001]/g, '').replace(ALONE, keepLineCount)
  let at = 0
  let line = 1
  const add = (node: Node) => open.at(-1)?.children.push(node)
  for (const match of text.matchAll(TAG)) {
    const literal = text.slice(at, match.index)
    line += newlines(literal)
    if (literal !== '') add({ node: 'literal', text: literal })
    at = match.index + match[0].length
    const [whole, sign, inside] = match
    const name = inside?.trim() ?? ''
    if (inside === undefined) problems.push({ line, message: `"${whole}" belongs to no tag: write {{name}}` })
    else if (sign === '!') continue
    else if (!/^[A-Za-z]\w*$/.test(name))
      problems.push({ line, message: `"${whole}" is not understood: write {{name}}` })
    else if (sign === '&')
      problems.push({ line, message: `"${whole}": every value is shown as it is, so there is no {{&...}}` })
    else if (sign === '#' || sign === '^') {
      const children: Node[] = []
      add({ node: 'section', name, inverted: sign === '^', children })
      open.push({ name, line, children })
    } else if (sign === '/') {
      const opened = open.length > 1 ? open.pop() : undefined
      if (opened?.name !== name)
        problems.push({ line, message: `{{/${name}}} closes ${opened ? `{{#${opened.name}}}` : 'nothing'}` })
    } else add({ node: 'value', name })
  }
  if (at < text.length) add({ node: 'literal', text: text.slice(at) })
  for (const { name, line: from } of open.slice(1))
    problems.push({ line: from, message: `{{#${name}}} is not closed` })
  return { nodes: resolveBreaks(nodes), problems }
}

/** The line break that a tag alone on its line takes with it is still counted. */
const SWALLOWED = '\ue001\n'

function keepLineCount(whole: string, tag: string): string {
  return whole.endsWith('\n') ? `${tag}${SWALLOWED}` : tag
}

function resolveBreaks(nodes: Node[]): Node[] {
  return nodes.map((node) => {
    if (node.node === 'literal') return { ...node, text: node.text.replaceAll(SWALLOWED, '') }
    return node.node === 'section' ? { ...node, children: resolveBreaks(node.children) } : node
  })
}

function newlines(text: string): number {
  return text.split('\n').length - 1
}

/** Names that are not in the vocabulary, and what no message may lack. */
export function checkTemplate(
  template: Template,
  vocabulary: Vocabulary,
  required: readonly string[],
): string[] {
  const found = namesIn(template.nodes, vocabulary, [])
  const unknown = found.filter(({ known }) => !known).map(({ name }) => name)
  const known = Object.keys(vocabulary).join(', ')
  return [
    ...template.problems.map(({ line, message }) => `line ${line}: ${message}`),
    ...[...new Set(unknown)].map((name) => `{{${name}}} is no variable here; there are: ${known}`),
    ...required
      .filter((name) => !found.some((one) => one.name === name))
      .map((name) => `{{${name}}} is missing, and no such message may lack it`),
  ]
}

function namesIn(
  nodes: readonly Node[],
  vocabulary: Vocabulary,
  inside: readonly string[],
): { name: string; known: boolean }[] {
  return nodes.flatMap((node) => {
    if (node.node === 'literal') return []
    const known = inside.includes(node.name) || Object.hasOwn(vocabulary, node.name)
    if (node.node === 'value') return [{ name: node.name, known }]
    const entry = Object.hasOwn(vocabulary, node.name) ? vocabulary[node.name] : undefined
    const within = Array.isArray(entry) ? [...inside, ...entry] : inside
    return [{ name: node.name, known }, ...namesIn(node.children, vocabulary, within)]
  })
}

/** Goes before each value, so that only what stands in the template itself is read as a label, a heading or an item. */
const VALUE = '\ue000'

export function renderTemplate({ nodes }: Template, view: View): MessageText {
  const [title = '', ...lines] = fill(nodes, [view]).split(/\r?\n/)
  const read = lines.map(readLine).filter((line) => line !== null)
  return { title: oneLine(title.replaceAll(VALUE, ''), 250), lines: trimGaps(read) }
}

type Scope = Readonly<Record<string, View[string] | undefined>>

function fill(nodes: readonly Node[], scopes: readonly Scope[]): string {
  return nodes
    .map((node) => {
      if (node.node === 'literal') return node.text
      const value = lookUp(node.name, scopes)
      if (node.node === 'value') return VALUE + (typeof value === 'string' ? oneLine(value) : '')
      const there = value !== null && value.length > 0
      if (node.inverted) return there ? '' : fill(node.children, scopes)
      if (!there) return ''
      if (typeof value === 'string') return fill(node.children, scopes)
      return value.map((entry) => fill(node.children, [...scopes, entry])).join('')
    })
    .join('')
}

function lookUp(name: string, scopes: readonly Scope[]): View[string] {
  const scope = scopes.findLast((candidate) => Object.hasOwn(candidate, name))
  return scope?.[name] ?? null
}

/** Null: a line that has only values, and none of them is there. */
function readLine(raw: string): MessageLine | null {
  const [, label, value] = /^\*\*([^*\ue000]+?):?\*\*:?[ \t]+(.+)$/.exec(raw) ?? []
  if (label !== undefined && value !== undefined)
    return clean(value) === '' ? null : { line: 'field', label: clean(label), text: clean(value) }
  const [, heading] = /^(?:#+ |\*\*)([^\ue000]+?):?(?:\*\*)?:?\s*$/.exec(raw) ?? []
  if (heading !== undefined) return { line: 'heading', text: clean(heading) }
  if (raw.trim() === '') return { line: 'gap' }
  const [line, text] = raw.startsWith('- ')
    ? (['item', clean(raw.slice(2))] as const)
    : (['plain', clean(raw)] as const)
  return text === '' ? null : { line, text }
}

function clean(text: string): string {
  return oneLine(text.replaceAll(VALUE, ''), 2_000)
}

/** None at the ends, never two in a row. */
function trimGaps(lines: readonly MessageLine[]): MessageLine[] {
  const kept = lines.filter(({ line }, i) => line !== 'gap' || (i > 0 && lines[i - 1]?.line !== 'gap'))
  return kept.at(-1)?.line === 'gap' ? kept.slice(0, -1) : kept
}
