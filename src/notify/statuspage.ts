import type { ComponentStatus, PublicMessage, Receipt } from '../domain/notify/message.ts'
import { cutText, plainLines } from '../domain/notify/message-text.ts'
import type { StatuspageSettings } from '../domain/notify/notify-configuration.ts'
import type { Delivery, PublicSink } from '../ports/sink.ts'
import {
  exchange,
  type HttpAnswer,
  isAnswer,
  isSuccess,
  jsonList,
  jsonObject,
  judgeFailure,
  retry,
} from './http.ts'

const COMPONENT: Record<ComponentStatus, string> = {
  operational: 'operational',
  degraded: 'degraded_performance',
  'partial-outage': 'partial_outage',
  'major-outage': 'major_outage',
}

const IMPACT: Record<ComponentStatus, string> = {
  operational: 'none',
  degraded: 'minor',
  'partial-outage': 'major',
  'major-outage': 'critical',
}

const NAME = 255
const BODY = 25_000
/** One request a second, counted over this long; beyond it 420 or 429. */
const WINDOW_MS = 60_000

/**
 * Atlassian Statuspage. It has no idempotency key: the incident's key is in its metadata, and before one is created those that
 * are open are looked through for it. The end of an incident and the state of its components are one request.
 */
export function statuspage(settings: StatuspageSettings): PublicSink {
  const { name, page, token, api, notifySubscribers } = settings
  const base = `${api}/v1/pages/${encodeURIComponent(page)}`

  function request(method: 'GET' | 'POST' | 'PATCH', path: string, signal: AbortSignal, body?: object) {
    return exchange({
      method,
      url: base + path,
      // The word is OAuth.
      headers: { authorization: `OAuth ${token}` },
      json: body,
      signal,
    })
  }

  async function findOpen(key: string, signal: AbortSignal): Promise<{ id: string | null } | Delivery> {
    const answer = await request('GET', '/incidents/unresolved', signal)
    if (!isAnswer(answer)) return answer
    if (!isSuccess(answer)) return judgeFailure(answer, WINDOW_MS)
    const incidents = jsonList(answer)
    if (incidents === null) return retry('the answer is no list of incidents')
    const ours = incidents.find(({ metadata }) => keyIn(metadata) === key)
    return { id: typeof ours?.id === 'string' ? ours.id : null }
  }

  async function publish(
    message: PublicMessage,
    id: string | null,
    signal: AbortSignal,
  ): Promise<HttpAnswer | Delivery> {
    const incident = incidentOf(message, settings)
    if (id !== null) return request('PATCH', `/incidents/${encodeURIComponent(id)}`, signal, { incident })
    return request('POST', '/incidents', signal, {
      incident: {
        ...incident,
        metadata: { lastgood: { key: message.key } },
        deliver_notifications: notifySubscribers,
      },
    })
  }

  return {
    name,
    kind: 'statuspage',
    reach: 'public',
    reader: 'customers',
    async deliver(message, receipt, signal) {
      let id = receipt?.id ?? null
      if (id === null) {
        const found = await findOpen(message.key, signal)
        if ('outcome' in found) return found
        id = found.id
      }
      if (id === null && message.facts.status === 'resolved')
        return confirmed(null, 'nothing was published, so nothing is resolved')
      let answer = await publish(message, id, signal)
      // Somebody has removed it there: what is said now still has to be read.
      if (id !== null && isAnswer(answer) && answer.status === 404)
        answer = await publish(message, null, signal)
      if (!isAnswer(answer)) return answer
      if (!isSuccess(answer)) return judgeFailure(answer, WINDOW_MS)
      const published = jsonObject(answer)?.id
      return typeof published === 'string'
        ? confirmed({ id: published }, `incident ${published}`)
        : retry('the answer has no id')
    },
    async check(signal) {
      const answer = await request('GET', '/incidents/unresolved', signal)
      if (!isAnswer(answer)) return answer
      if (!isSuccess(answer)) return judgeFailure(answer, WINDOW_MS)
      if (jsonList(answer) === null) return retry('the answer is no list of incidents')
      return confirmed(null, 'the key works; nothing was published, everybody would have read it')
    },
  }
}

function confirmed(receipt: Receipt | null, note: string): Delivery {
  return { outcome: 'confirmed', afterMs: null, receipt, note }
}

function incidentOf({ text, facts }: PublicMessage, settings: StatuspageSettings): Record<string, unknown> {
  const known = Object.entries(settings.components)
  const named = known.filter(([component]) => facts.components.includes(component))
  // One that is on no list of ours is one thing to customers: the service.
  const affected = named.length > 0 ? named : known
  const state = facts.status === 'resolved' ? 'operational' : facts.impact
  return {
    name: cutText(text.title, NAME),
    status: facts.status,
    impact_override: IMPACT[facts.impact],
    body: cutText(plainLines(text.lines).join('\n'), BODY),
    component_ids: affected.map(([, id]) => id),
    components: Object.fromEntries(affected.map(([, id]) => [id, COMPONENT[state]])),
  }
}

function keyIn(metadata: unknown): unknown {
  const ours = (metadata as { lastgood?: { key?: unknown } } | null | undefined)?.lastgood
  return ours?.key
}
