import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  type YAMLError,
} from 'yaml'
import type { Path, Problem } from './problem.ts'

/** The parsed text, and where in it everything stands. */
export interface YamlFile {
  document: Document.Parsed
  /** Syntax problems. With any but a repeated key, what the text means is not certain. */
  problems: Problem[]
  readable: boolean
  placeOf(offset: number): { line: number; column: number }
}

/** YAML 1.2 core schema: no custom tags, no merge keys, text keys only, every key once. */
export function parseYaml(text: string): YamlFile {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
    stringKeys: true,
    merge: false,
    prettyErrors: false,
    keepSourceTokens: false,
    lineCounter,
  })
  const placeOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1) }
  }
  // A warning is a tag that nobody here knows: its value would silently be taken for something else.
  const complaints = [...document.errors, ...document.warnings]
  const problems = complaints.map((complaint) => ({
    ...placeOf(complaint.pos[0]),
    path: '',
    message: describe(complaint, text),
  }))
  // One slip makes the parser stumble over the rest of its line, too.
  const firstOfLine = problems.filter(
    ({ line }, index) => problems.findIndex((p) => p.line === line) === index,
  )
  return {
    document,
    problems: firstOfLine,
    readable: complaints.every(({ code }) => code === 'DUPLICATE_KEY'),
    placeOf,
  }
}

function describe({ code, message, pos: [start] }: YAMLError, text: string): string {
  if (code === 'DUPLICATE_KEY')
    return `${/^[^\s:,}]+/.exec(text.slice(start, start + 80))?.[0]} stands here a second time`
  if (text.startsWith('${', start - 1)) return `inside { } or [ ] a variable needs quotes: "\${NAME}"`
  return /call stack/.test(message)
    ? 'is nested too deeply'
    : message.charAt(0).toLowerCase() + message.slice(1)
}

/** Offset of the value at `path`, or of its nearest ancestor's key when there is none; with `key`, of the key itself. */
export function offsetOf(document: Document.Parsed, path: Path, key: boolean): number {
  let node: unknown = document.contents
  let offset = document.contents?.range?.[0] ?? 0
  for (const [depth, part] of path.entries()) {
    const child = childOf(resolve(document, node), part)
    if (child === null) return offset
    const wantsKey = key && depth === path.length - 1
    // An empty value has no place of its own on the screen: the key has.
    const shown = wantsKey || child.value?.range?.[0] === child.value?.range?.[1] ? child.key : child.value
    offset = (depth < path.length - 1 ? child.key : shown)?.range?.[0] ?? offset
    node = child.value
  }
  return offset
}

function childOf(node: unknown, part: string | number): { key: Node | null; value: Node | null } | null {
  if (isSeq<Node>(node)) {
    const item = node.items[Number(part)]
    return item === undefined ? null : { key: item, value: item }
  }
  if (!isMap<Node, Node | null>(node)) return null
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === String(part))
  return pair === undefined ? null : { key: pair.key, value: pair.value }
}

function resolve(document: Document.Parsed, node: unknown): unknown {
  return isAlias(node) ? node.resolve(document) : node
}
