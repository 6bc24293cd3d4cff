import * as z from 'zod'
import { choiceOf, duration, expecting, mapOf, textOf, urlPath } from './scalar-schemas.ts'
import { HEADER_NAME } from './smoke-schema.ts'
import { textMap } from './word-schemas.ts'

const A_METRICS_URL =
  'a URL such as http://127.0.0.1:9090, without user name or # (a password goes into headers)'

const metricName = textOf('a name of a metric', /^[A-Za-z_:][A-Za-z0-9_:]*$/)
const labelName = textOf('a name of a label', /^[A-Za-z_][A-Za-z0-9_]*$/)

/** `job="shop", env=~"prod|live"`, as between the braces of a query. */
const MATCHER = String.raw`\s*[A-Za-z_][A-Za-z0-9_]*\s*(=~|!~|!=|=)\s*"([^"\\]|\\.)*"\s*`
const SELECTOR = new RegExp(`^(${MATCHER}(,${MATCHER})*)?$`)

export const signalsSchema = mapOf('a map', {
  from: choiceOf('source', ['agent', 'endpoint', 'prometheus'])
    .default('agent')
    .describe(
      "agent: the agents' own counters. endpoint: the service's metrics page. prometheus: a server's HTTP API.",
    ),
  url: z
    .string({ error: expecting(A_METRICS_URL) })
    .refine(isMetricsUrl, { error: `must be ${A_METRICS_URL}` })
    .meta({ pattern: '^https?://' })
    .nullable()
    .default(null)
    .describe(
      "prometheus: the server, http://127.0.0.1:9090. endpoint: the page, whole; null: each instance's own, asked in private.",
    ),
  path: urlPath
    .default('/metrics')
    .describe("endpoint: path of each instance's own page, where no url is set."),
  headers: textMap('a header name', HEADER_NAME)
    .prefault({})
    .describe(
      `Headers to send with each request for metrics. A token belongs in a variable: Bearer \${TOKEN}`,
    ),
  selector: textOf('matchers such as job="my-store-api", without braces', SELECTOR)
    .default('')
    .describe('prometheus: which series are this service\'s: job="my-store-api"'),
  requests: metricName.default('http_requests_total').describe('Counter of answered requests.'),
  duration: metricName
    .default('http_request_duration_seconds')
    .describe('Histogram of the time to answer, in seconds.'),
  sessions: metricName
    .nullable()
    .default(null)
    .describe("Gauge of the users' sessions. null: there is none."),
  statusLabel: labelName.default('status').describe('Label of `requests` with the HTTP status.'),
  errorStatus: z
    .string({ error: expecting('a regular expression such as 5..') })
    .refine(isPattern, { error: 'must be a regular expression such as 5..' })
    .default('5..')
    .describe('Which values of that label are server errors, as a regular expression of the whole value.'),
  releaseLabel: labelName
    .default('release')
    .describe('Label that tells the release: the value of LASTGOOD_RELEASE.'),
  instanceLabel: labelName.default('instance').describe('Label that tells one instance from another.'),
  timeout: duration(10, 60_000).prefault('2s').describe('How long a source may take to answer.'),
})

function isMetricsUrl(text: string): boolean {
  if (!URL.canParse(text) || /\s/.test(text)) return false
  const { protocol, username, password, hash } = new URL(text)
  return /^https?:$/.test(protocol) && [username, password, hash].every((part) => part === '')
}

function isPattern(text: string): boolean {
  try {
    return new RegExp(`^(?:${text})$`).source !== '' && text !== ''
  } catch {
    return false
  }
}
