import fc from 'fast-check'
import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { parsePrometheusText, parseValue, type Sample } from './prometheus-text.ts'
import { histogramOf } from './readings-from-samples.ts'

const ALL = { has: () => true } as unknown as ReadonlySet<string>

function parse(text: string): Sample[] {
  const page = parsePrometheusText(text, ALL)
  if (!page.ok) throw new Error(`line ${page.line}: ${page.problem}`)
  return page.samples
}

const refused = (text: string) => {
  const page = parsePrometheusText(text, ALL)
  return page.ok ? null : `${page.line}: ${page.problem}`
}

test('reads what the specification shows', () => {
  const text = `# HELP http_requests_total The total number of HTTP requests.
# TYPE http_requests_total counter
http_requests_total{method="post",code="200"} 1027 1395066363000
http_requests_total { method = "post" , code = "400" , }    3 1395066363000

# Escaping in label values:
msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9
# Minimalistic line:
metric_without_timestamp_and_labels 12.47
# A weird metric from before the epoch:
something_weird{problem="division by zero"} +Inf -3982045
rpc_duration_seconds{quantile="0.01"} NaN\r
rpc_duration_seconds_sum\t1.7560473e+07
`
  expect(parse(text)).toEqual([
    { name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027 },
    { name: 'http_requests_total', labels: { method: 'post', code: '400' }, value: 3 },
    {
      name: 'msdos_file_access_time_seconds',
      labels: { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
      value: 1_458_255_915,
    },
    { name: 'metric_without_timestamp_and_labels', labels: {}, value: 12.47 },
    { name: 'something_weird', labels: { problem: 'division by zero' }, value: Number.POSITIVE_INFINITY },
    { name: 'rpc_duration_seconds', labels: { quantile: '0.01' }, value: Number.NaN },
    { name: 'rpc_duration_seconds_sum', labels: {}, value: 17_560_473 },
  ])
})

test('reads OpenMetrics: exemplars, names in quotes, and its end', () => {
  const text = `# TYPE acme_requests counter
# UNIT acme_seconds seconds
acme_requests_total{path="a # } , \\" = b"} 17.0 1520879607.789 # {trace_id="KOO5S4vxi0o"} 0.67
acme_bucket{le="0.5"} 8 # {} 1.5
{"acme.requests", "the path"="/"} 3
# EOF
`
  expect(parse(text)).toEqual([
    { name: 'acme_requests_total', labels: { path: 'a # } , " = b' }, value: 17 },
    { name: 'acme_bucket', labels: { le: '0.5' }, value: 8 },
    { name: 'acme.requests', labels: { 'the path': '/' }, value: 3 },
  ])
  const page = parsePrometheusText(text, new Set(['acme_requests_total']))
  expect(page.ok && [...page.names]).toEqual([
    'acme_requests',
    'acme_seconds',
    'acme_requests_total',
    'acme_bucket',
    'acme.requests',
  ])
})

test.each([
  ['<!DOCTYPE html>\n<html>', '1: no metric begins like this: <!DOCTYPE html>'],
  ['{"error":"not found"}', '1: a label does not end'],
  ['a 1\nb\n', '2: no value stands behind b: '],
  ['a one\n', '1: no value stands behind a: one'],
  ['a{b="c} 1\n', '1: the value of the label b is not in quotes'],
  ['a{b=c} 1\n', '1: the value of the label b is not in quotes'],
  ['a{b="c" d="e"} 1\n', '1: a label does not end'],
  ['a{b="c"\n', '1: a label does not end'],
  ['a{b="c",b="d"} 1\n', '1: the label b stands here a second time'],
  ['a{9="c"} 1\n', '1: no label begins like this: 9="c"} 1'],
  ['a 1 2 3\n', '1: no value stands behind a: 1 2 3'],
  ['a{b="1",c="2"} 1\na{c="2",b="1"} 1\n', '2: a{b="1",c="2"} stands here a second time'],
  ['# EOF\na 1\n', '2: something follows # EOF'],
])('takes no page in part: %j', (text, problem) => {
  expect(refused(text)).toBe(problem)
})

test.each([
  ['1', 1],
  ['-1.5e-3', -0.0015],
  ['.5', 0.5],
  ['5.', 5],
  ['NAN', Number.NaN],
  ['+inf', Number.POSITIVE_INFINITY],
  ['-Inf', Number.NEGATIVE_INFINITY],
  ['0x10', null],
  ['', null],
  ['1e', null],
  ['infinity1', null],
])('%j is %d', (text, value) => {
  expect(parseValue(text)).toEqual(value)
})

const escaped = (text: string) => text.replace(/[\\"\n]/g, (c) => (c === '\n' ? '\\n' : `\\${c}`))
const label = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,8}$/)
// Nobody writes a zero with a sign.
const value = fc.oneof(
  fc.nat(),
  fc.double().map((number) => number + 0),
)
const sample = fc.record({
  name: fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,8}$/),
  // One line is one line: what a page cannot hold are the other line ends.
  labels: fc.dictionary(
    label,
    fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\r', ' ')),
  ),
  value,
})

test('what is written comes back, whatever is in the labels', () => {
  fc.assert(
    fc.property(fc.uniqueArray(sample, { selector: JSON.stringify }), (samples) => {
      const written = samples.map(({ name, labels, value: number }) => {
        const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
        const printed = Number.isFinite(number) ? number : `${number}`.replace('Infinity', 'Inf')
        return `${name}{${pairs.join(',')}} ${printed}\n`
      })
      const same = new Set(
        samples.map(({ name, labels }) => JSON.stringify([name, Object.entries(labels).sort()])),
      )
      fc.pre(same.size === samples.length)
      expect(parse(written.join(''))).toEqual(
        samples.map((each) => ({ ...each, labels: { ...each.labels } })),
      )
    }),
  )
})

test('whatever comes, it is parsed or refused with a line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const page = parsePrometheusText(text, ALL)
      expect(page.ok || page.line >= 1).toBe(true)
    }),
  )
})

test("reads prom-client's own page, histograms with several label sets included", async () => {
  const registry = new Registry()
  registry.setDefaultLabels({ release: 'r3' })
  collectDefaultMetrics({ register: registry })
  const labelNames = ['route', 'code']
  const total = new Counter({ name: 'requests_total', help: 'all', labelNames, registers: [registry] })
  const seconds = new Histogram({
    name: 'seconds',
    help: 'of "all"\nof them',
    labelNames,
    buckets: [0.035, 0.1],
    registers: [registry],
  })
  for (const [route, code, took] of [
    ['/a', '200', 0.01],
    ['/a', '500', 0.05],
    ['/b "x"', '200', 0.05],
    ['/b "x"', '200', 0.5],
  ] as const) {
    total.inc({ route, code })
    seconds.observe({ route, code }, took)
  }
  const samples = parse(await registry.metrics())
  expect(samples.filter(({ name }) => name === 'requests_total')).toEqual([
    { name: 'requests_total', labels: { route: '/a', code: '200', release: 'r3' }, value: 1 },
    { name: 'requests_total', labels: { route: '/a', code: '500', release: 'r3' }, value: 1 },
    { name: 'requests_total', labels: { route: '/b "x"', code: '200', release: 'r3' }, value: 2 },
  ])
  const buckets = samples.filter(({ name }) => name === 'seconds_bucket')
  expect(buckets).toHaveLength(9)
  expect(histogramOf(buckets)).toEqual({ le: [35, 100], count: [1, 2, 1] })
})

test.each<[string, Record<string, number>[]]>([
  ['no end', [{ 0.1: 1 }]],
  ['fewer above than below', [{ 0.1: 5, '+Inf': 3 }]],
  ['no number', [{ 0.1: Number.NaN, '+Inf': 3 }]],
  ['a bound that is none', [{ x: 1, '+Inf': 3 }]],
])('buckets that do not add up are no histogram: %s', (_, sets) => {
  expect(histogramOf(bucketsOf(sets))).toBeNull()
})

test('label sets with different buckets are summed in those that all have', () => {
  const sets = [
    { 0.1: 1, 0.2: 3, '+Inf': 4 },
    { 0.2: 10, 0.4: 20, '+Inf': 30 },
  ]
  expect(histogramOf(bucketsOf(sets))).toEqual({ le: [200], count: [13, 21] })
})

function bucketsOf(sets: Record<string, number>[]): Sample[] {
  return sets.flatMap((set, route) =>
    Object.entries(set).map(([le, count]) => ({
      name: 'seconds_bucket',
      labels: { route: `${route}`, le },
      value: count,
    })),
  )
}
