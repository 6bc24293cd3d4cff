import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'

/** What a service answers in place of its own answer, until it is told otherwise. */
export type Trouble =
  | { status: number; headers?: Record<string, string>; body?: string }
  | 'dead'
  | 'silent'
  | 'redirect'
  | 'garbage'

export interface Taken {
  method: string
  path: string
  headers: IncomingHttpHeaders
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever was sent
  body: any
}

export const KEYS = {
  slack: 'xoxb-slack-token',
  statuspage: 'statuspage-token',
  github: 'github-token',
  pagerduty: 'R0123456789ABCDEF0123456789ABCDE',
  webhook: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
}

type Reply = { status: number; body: unknown; headers?: Record<string, string> }

/**
 * One server that is Slack, PagerDuty, Statuspage, GitHub and a receiver of CloudEvents, as far as a sender meets them: it
 * refuses what the real ones refuse (sizes, fields, keys), and keeps what they would keep.
 */
export class StrictServices implements AsyncDisposable {
  readonly taken: Taken[] = []
  readonly refused: string[] = []
  readonly slack: { ts: string; thread: string | null; body: Taken['body'] }[] = []
  readonly alerts = new Map<string, { state: string; triggers: number }>()
  readonly changes: Taken['body'][] = []
  readonly incidents: Taken['body'][] = []
  readonly components = new Map<string, string>()
  readonly issues: { number: number; state: string; title: string; body: string; comments: string[] }[] = []
  readonly events: Taken['body'][] = []
  trouble: Trouble[] = []
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8')
      this.#meet(
        {
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers,
          body: parse(raw),
        },
        raw,
        response,
      )
    })
  })

  static async open(): Promise<StrictServices> {
    const services = new StrictServices()
    await new Promise<void>((resolve) => services.#server.listen(0, '127.0.0.1', resolve))
    return services
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #meet(taken: Taken, raw: string, response: ServerResponse): void {
    this.taken.push(taken)
    const trouble = this.trouble.shift()
    if (trouble === 'dead') return void response.destroy()
    if (trouble === 'silent') return
    if (trouble === 'redirect')
      return void response.writeHead(307, { location: `${this.url}/elsewhere` }).end()
    if (trouble === 'garbage')
      return void response.writeHead(200, { 'content-type': 'text/html' }).end('<html><b>Log in</b>')
    if (trouble !== undefined)
      return void response.writeHead(trouble.status, trouble.headers).end(trouble.body ?? '')
    let reply: Reply
    try {
      reply = this.#answer(taken, raw)
    } catch (error) {
      this.refused.push(String(error))
      reply = { status: 400, body: String(error) }
    }
    const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body)
    response.writeHead(reply.status, reply.headers).end(text)
  }

  #answer(taken: Taken, raw: string): Reply {
    const { path, headers } = taken
    if (path.startsWith('/services/')) return this.#slackWebhook(taken)
    if (path.startsWith('/api/')) return this.#slackApi(taken)
    if (path === '/v2/enqueue') return this.#pagerDuty(taken, raw)
    if (path === '/v2/change/enqueue') return this.#pagerDutyChange(taken)
    if (path.startsWith('/v1/pages/')) return this.#statuspage(taken)
    if (path.startsWith('/repos/')) return this.#github(taken)
    if (path === '/hook') {
      must(headers['content-type'] === 'application/cloudevents+json; charset=utf-8', 'content-type')
      new Webhook(KEYS.webhook).verify(raw, headers as Record<string, string>)
      const event = taken.body
      must(
        event.specversion === '1.0' && event.id && event.source && /^dev\.[\w.]+\.v1$/.test(event.type),
        'event',
      )
      must(
        Object.keys(event).every((name) => /^[a-z0-9]+$/.test(name)),
        'attribute names',
      )
      if (!this.events.some(({ id }) => id === event.id)) this.events.push(event)
      return { status: 204, body: '' }
    }
    return { status: 404, body: 'no_service' }
  }

  #slackWebhook({ body, headers }: Taken): Reply {
    must(headers['content-type'] === 'application/json', 'content-type')
    checkBlocks(body)
    this.slack.push({ ts: String(this.slack.length + 1), thread: null, body })
    return { status: 200, body: 'ok' }
  }

  #slackApi({ path, body, headers }: Taken): Reply {
    const no = (error: string): Reply => ({ status: 200, body: { ok: false, error } })
    if (headers.authorization !== `Bearer ${KEYS.slack}`) return no('invalid_auth')
    const method = path.slice('/api/'.length)
    if (method === 'conversations.history') {
      const messages = this.slack
        .filter(({ thread }) => thread === null)
        .map(({ ts, body: { metadata } }) => ({ ts, metadata }))
      return { status: 200, body: { ok: true, messages: messages.reverse() } }
    }
    checkBlocks(body)
    if (method === 'chat.postMessage') {
      const ts = `17000000${this.slack.length}.000100`
      this.slack.push({ ts, thread: body.thread_ts ?? null, body })
      return { status: 200, body: { ok: true, ts, channel: 'C0123456789' } }
    }
    must(method === 'chat.update', method)
    // It knows channels by id alone.
    if (body.channel !== 'C0123456789') return no('channel_not_found')
    const found = this.slack.find(({ ts }) => ts === body.ts)
    if (found === undefined) return no('message_not_found')
    found.body = body
    return { status: 200, body: { ok: true, ts: found.ts, channel: body.channel } }
  }

  #pagerDuty({ body }: Taken, raw: string): Reply {
    must(raw.length <= 512 * 1024, 'size')
    must(body.routing_key === KEYS.pagerduty && body.routing_key.length === 32, 'routing_key')
    must(['trigger', 'acknowledge', 'resolve'].includes(body.event_action), 'event_action')
    must(body.event_action === 'trigger' || body.dedup_key, 'dedup_key')
    must(body.dedup_key.length <= 255, 'dedup_key length')
    if (body.event_action === 'trigger') {
      const { payload } = body
      must(payload.summary.length > 0 && payload.summary.length <= 1_024, 'summary')
      must(typeof payload.source === 'string', 'source')
      must(['critical', 'error', 'warning', 'info'].includes(payload.severity), 'severity')
      must(!Number.isNaN(Date.parse(payload.timestamp)), 'timestamp')
      must(payload.client === undefined && body.client === 'lastgood', 'client is at the top')
      const known = this.alerts.get(body.dedup_key)
      const triggers = (known?.state === 'resolved' ? 0 : (known?.triggers ?? 0)) + 1
      this.alerts.set(body.dedup_key, { state: 'triggered', triggers })
    } else {
      // With nothing open it is dropped, and answered the same.
      const known = this.alerts.get(body.dedup_key)
      if (known) known.state = body.event_action === 'resolve' ? 'resolved' : 'acknowledged'
    }
    return {
      status: 202,
      body: { status: 'success', message: 'Event processed', dedup_key: body.dedup_key },
    }
  }

  #pagerDutyChange({ body }: Taken): Reply {
    must(body.routing_key === KEYS.pagerduty, 'routing_key')
    must(body.payload.summary.length > 0 && body.payload.summary.length <= 1_024, 'summary')
    must(body.event_action === undefined && body.dedup_key === undefined, 'no alert')
    this.changes.push(body)
    return { status: 202, body: { status: 'success', message: 'Change event processed' } }
  }

  #statuspage({ method, path, headers, body }: Taken): Reply {
    if (headers.authorization !== `OAuth ${KEYS.statuspage}`) return { status: 401, body: { error: 'no' } }
    const [, id] = /^\/v1\/pages\/page1\/incidents(?:\/([^/?]+))?$/.exec(path) ?? []
    if (method === 'GET' && id === 'unresolved')
      return { status: 200, body: this.incidents.filter(({ status }) => status !== 'resolved') }
    const { incident } = body
    must(incident.name.length > 0 && incident.name.length <= 255, 'name')
    must(['investigating', 'identified', 'monitoring', 'resolved'].includes(incident.status), 'status')
    must(['none', 'minor', 'major', 'critical'].includes(incident.impact_override), 'impact')
    must(incident.body.length <= 25_000, 'body')
    must(
      Object.values(incident.metadata ?? {}).every((value) => typeof value === 'object'),
      'metadata',
    )
    for (const [component, state] of Object.entries(incident.components)) {
      must(
        ['operational', 'degraded_performance', 'partial_outage', 'major_outage'].includes(String(state)),
        'component status',
      )
      this.components.set(component, String(state))
    }
    if (method === 'POST') {
      const made = { ...incident, id: `sp${this.incidents.length + 1}`, updates: [incident.body] }
      this.incidents.push(made)
      return { status: 201, body: made }
    }
    must(method === 'PATCH', method)
    const found = this.incidents.find((one) => one.id === id)
    if (found === undefined) return { status: 404, body: { error: 'not found' } }
    found.updates.push(incident.body)
    Object.assign(found, { ...incident, metadata: found.metadata })
    return { status: 200, body: found }
  }

  #github({ method, path, headers, body }: Taken): Reply {
    if (headers.authorization !== `Bearer ${KEYS.github}`)
      return { status: 401, body: { message: 'Bad credentials' } }
    must(headers.accept === 'application/vnd.github+json' && headers['user-agent'], 'headers')
    const [, number, comments] = /^\/repos\/acme\/store\/issues(?:\/(\d+))?(\/comments)?/.exec(path) ?? []
    const issue = this.issues.find((one) => String(one.number) === number)
    if (method === 'GET' && number === undefined) return { status: 200, body: [...this.issues].reverse() }
    if (method === 'POST' && number === undefined) {
      must(body.title.length <= 256 && body.body.length <= 65_536, 'size')
      const made = {
        number: this.issues.length + 1,
        state: 'open',
        title: body.title,
        body: body.body,
        comments: [],
      }
      this.issues.push(made)
      return { status: 201, body: made }
    }
    if (issue === undefined) return { status: 404, body: { message: 'Not Found' } }
    if (method === 'GET' && comments)
      return { status: 200, body: issue.comments.map((text) => ({ body: text })) }
    if (method === 'POST') {
      issue.comments.push(body.body)
      return { status: 201, body: { id: 1 } }
    }
    issue.state = body.state
    return { status: 200, body: issue }
  }
}

/** The limits of Slack's own types, and the one that is in none of its documents. */
function checkBlocks(body: Taken['body']): void {
  must(typeof body.text === 'string' && body.text.length > 0, 'text')
  must(body.blocks.length <= 50, 'blocks')
  let total = 0
  for (const block of body.blocks) {
    const texts = [block.text, ...(block.fields ?? []), ...(block.elements ?? [])].filter(Boolean)
    for (const { text, type } of texts) {
      total += text.length
      must(text.length > 0, 'empty text')
      if (type === 'mrkdwn')
        must(
          !/<!(channel|here|everyone)|<(?![@!#]|http)[^>]*>|<@(?!U[A-Z0-9]+>)/.test(text),
          `injected: ${text}`,
        )
    }
    if (block.type === 'header')
      must(block.text.type === 'plain_text' && block.text.text.length <= 150, 'header')
    if (block.type === 'section' && block.text) must(block.text.text.length <= 3_000, 'section')
    if (block.fields)
      must(
        block.fields.length <= 10 && block.fields.every((f: { text: string }) => f.text.length <= 2_000),
        'fields',
      )
    if (block.type === 'context') must(block.elements.length <= 10, 'context')
  }
  must(total < 13_000, 'msg_blocks_too_long')
}

function must(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Error(`invalid_payload: ${what}`)
}

function parse(raw: string): unknown {
  try {
    return JSON.parse(raw)
  } catch {
    return raw
  }
}
