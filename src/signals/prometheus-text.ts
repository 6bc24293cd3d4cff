/** One line of a metrics page. */
export interface Sample {
  name: string
  labels: Record<string, string>
  value: number
}

export type ParsedPage =
  | { ok: true; samples: Sample[] /** Every name that is described or has a sample. */; names: Set<string> }
  | { ok: false; line: number; problem: string }

const NAME = /[A-Za-z_:][A-Za-z0-9_:.-]*/y
const BLANKS = /[ \t]*/y
/** Value, timestamp, and what OpenMetrics lets follow: an exemplar, which tells nothing about the counter. */
const REST = /[ \t]*([^ \t{}#]+)(?:[ \t]+(-?[0-9.]+(?:e[+-]?\d+)?))?[ \t]*(#.*)?$/iy
const ABOUT = /^#[ \t]+(?:TYPE|HELP|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|[^ \t]+)/
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * Prometheus' text format and OpenMetrics, as far as samples go: labels with escapes and in any order, quoted names,
 * timestamps, exemplars, `# EOF`. As Prometheus itself does, it takes a page whole or not at all: half a page would look as if
 * counters had fallen.
 * @param wanted names of the samples to return; the others are only checked
 */
export function parsePrometheusText(text: string, wanted: ReadonlySet<string>): ParsedPage {
  const samples: Sample[] = []
  const names = new Set<string>()
  const seen = new Set<string>()
  let number = 0
  let ended = false
  for (const line of lines(text)) {
    number++
    if (line === '') continue
    if (line.startsWith('#')) {
      ended ||= line === '# EOF'
      const family = ABOUT.exec(line)?.[1]
      if (family !== undefined) names.add(family.startsWith('"') ? unquote(family) : family)
      continue
    }
    if (ended) return { ok: false, line: number, problem: 'something follows # EOF' }
    const sample = parseSample(line)
    if (typeof sample === 'string') return { ok: false, line: number, problem: sample }
    names.add(sample.name)
    if (!wanted.has(sample.name)) continue
    const key = keyOf(sample)
    if (seen.has(key)) return { ok: false, line: number, problem: `${key} stands here a second time` }
    seen.add(key)
    samples.push(sample)
  }
  return { ok: true, samples, names }
}

/** Without a copy of the whole. */
function* lines(text: string): Generator<string> {
  let start = 0
  while (start < text.length) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end === -1 ? text.length : end)
    yield line.trim()
    start = end === -1 ? text.length : end + 1
  }
}

/** A text says what is wrong. */
function parseSample(line: string): Sample | string {
  const plain = match(NAME, line, 0)
  let name = plain?.[0] ?? null
  let at = skip(line, name?.length ?? 0)
  // A label may be called __proto__.
  const labels: Record<string, string> = Object.create(null)
  if (line[at] === '{') {
    const inside = parseLabels(line, at + 1, labels)
    if (typeof inside === 'string') return inside
    at = inside.end
    name ??= inside.name
  }
  if (name === null) return `no metric begins like this: ${shorten(line)}`
  const [, written, ,] = match(REST, line, at) ?? []
  const value = written === undefined ? null : parseValue(written)
  if (value === null) return `no value stands behind ${name}: ${shorten(line.slice(at).trim())}`
  return { name, labels, value }
}

/** From behind the brace to behind its end. `{"metric.name", a="b"}` has the name inside. */
function parseLabels(
  line: string,
  from: number,
  labels: Record<string, string>,
): { end: number; name: string | null } | string {
  let at = skip(line, from)
  let metric: string | null = null
  while (line[at] !== '}') {
    const key = parseKey(line, at)
    if (key === null) return `no label begins like this: ${shorten(line.slice(at))}`
    at = skip(line, key.end)
    if (line[at] === '=') {
      const value = parseQuoted(line, skip(line, at + 1))
      if (value === null) return `the value of the label ${key.text} is not in quotes`
      if (Object.hasOwn(labels, key.text)) return `the label ${key.text} stands here a second time`
      labels[key.text] = value.text
      at = skip(line, value.end)
    } else if (key.quoted && metric === null) metric = key.text
    else return `the label ${key.text} has no value`
    if (line[at] === ',') at = skip(line, at + 1)
    else if (line[at] !== '}') return 'a label does not end'
  }
  return { end: at + 1, name: metric }
}

function parseKey(line: string, at: number): { text: string; end: number; quoted: boolean } | null {
  const quoted = parseQuoted(line, at)
  if (quoted !== null) return { ...quoted, quoted: true }
  const plain = match(NAME, line, at)?.[0]
  return plain === undefined ? null : { text: plain, end: at + plain.length, quoted: false }
}

function parseQuoted(line: string, at: number): { text: string; end: number } | null {
  if (line[at] !== '"') return null
  for (let end = at + 1; end < line.length; end++) {
    if (line[end] === '\\') end++
    else if (line[end] === '"') return { text: unquote(line.slice(at, end + 1)), end: end + 1 }
  }
  return null
}

/** What is no escape stays as it stands. */
function unquote(quoted: string): string {
  const inside = quoted.slice(1, -1)
  if (!inside.includes('\\')) return inside
  return inside.replace(/\\(.)/g, (whole, character: string) => {
    if (character === 'n') return '\n'
    return character === '\\' || character === '"' ? character : whole
  })
}

/** `1.5e3`, `NaN`, `+Inf`; null: no number. */
export function parseValue(text: string): number | null {
  if (NUMBER.test(text)) return Number(text)
  switch (text.toLowerCase()) {
    case 'nan':
      return Number.NaN
    case 'inf':
    case '+inf':
      return Number.POSITIVE_INFINITY
    case '-inf':
      return Number.NEGATIVE_INFINITY
    default:
      return null
  }
}

function match(pattern: RegExp, line: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(line)
}

function skip(line: string, at: number): number {
  return at + (match(BLANKS, line, at)?.[0].length ?? 0)
}

function keyOf({ name, labels }: Sample): string {
  const written = Object.keys(labels)
    .sort()
    .map((label) => `${label}=${JSON.stringify(labels[label])}`)
  return `${name}{${written.join(',')}}`
}

function shorten(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}
