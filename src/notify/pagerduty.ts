import { severityName } from '../domain/incident/severity.ts'
import type { Severity } from '../domain/incident/words.ts'
import type { LiveMessage, Occasion } from '../domain/notify/message.ts'
import { cutText, plainLines } from '../domain/notify/message-text.ts'
import type { PagerDutySettings } from '../domain/notify/notify-configuration.ts'
import type { Delivery, OutsideSink } from '../ports/sink.ts'
import { exchange, isAnswer, jsonObject, judgeFailure, retry } from './http.ts'

type Action = 'trigger' | 'acknowledge' | 'resolve'

/** Null: it would only wake somebody again. Exhaustive: a new occasion has to be decided on. */
const ACTIONS: Record<Occasion, Action | 'change' | null> = {
  opened: 'trigger',
  'person-needed': 'trigger',
  review: null,
  page: 'trigger',
  'rollback-failed': 'trigger',
  acknowledged: 'acknowledge',
  resolved: 'resolve',
  dismissed: 'resolve',
  change: 'change',
  test: 'change',
  'rollback-started': null,
  'rolled-back': null,
  update: null,
  'update-due': null,
}

const SEVERITIES: Record<Severity, 'critical' | 'error' | 'warning' | 'info'> = {
  1: 'critical',
  2: 'error',
  3: 'warning',
  4: 'info',
  5: 'info',
}

const SUMMARY = 1_024
/** Half of what is refused (512 KB), in characters. */
const DETAIL = 100_000

/**
 * Events API v2. The dedup key is the incident's, so that said twice is said once. 202 says only that it was taken: an
 * acknowledge or a resolve that comes before its trigger is dropped and answered the same, so a resolve is said again.
 */
export function pagerDuty({ name, reader, routingKey, api }: PagerDutySettings): OutsideSink {
  return {
    name,
    kind: 'pagerduty',
    reach: 'outside',
    reader,
    async deliver(message, _receipt, signal) {
      const action = ACTIONS[message.occasion]
      if (action === null)
        return { outcome: 'confirmed', afterMs: null, receipt: null, note: 'nothing to say' }
      const [path, body] =
        action === 'change'
          ? ['change/enqueue', changeEvent(message, routingKey)]
          : ['enqueue', alertEvent(message, action, routingKey)]
      const answer = await exchange({
        method: 'POST',
        url: `${api}/v2/${path}`,
        json: body,
        signal,
      })
      if (!isAnswer(answer)) return answer
      if (answer.status !== 202)
        return answer.status < 300 ? retry('not PagerDuty’s 202') : judgeFailure(answer)
      if (jsonObject(answer)?.status !== 'success') return retry('202, and not PagerDuty’s answer')
      return taken(action, message.key)
    },
  }
}

function taken(action: Action | 'change', key: string): Delivery {
  const again = action === 'resolve' || action === 'acknowledge' ? 0 : null
  return { outcome: 'sent', afterMs: again, receipt: { dedupKey: key }, note: `202 ${action}` }
}

function alertEvent(message: LiveMessage, action: Action, routingKey: string): object {
  const head = { routing_key: routingKey, event_action: action, dedup_key: cutText(message.key, 255) }
  if (action !== 'trigger') return head
  const { facts, text } = message
  return {
    ...head,
    payload: {
      summary: cutText(text.title, SUMMARY),
      source: facts.service,
      severity: SEVERITIES[facts.severity ?? 2],
      timestamp: facts.at,
      component: facts.service,
      class: message.occasion,
      custom_details: {
        ...facts.details,
        incident: message.incident ?? '',
        severity: facts.severity === null ? '' : severityName(facts.severity),
        text: cutText(plainLines(text.lines).join('\n'), DETAIL),
      },
    },
    ...linksOf(message),
    // At the top: in the payload they are ignored.
    client: 'lastgood',
    ...(facts.link === null ? {} : { client_url: facts.link }),
  }
}

function changeEvent(message: LiveMessage, routingKey: string): object {
  const { facts, text } = message
  return {
    routing_key: routingKey,
    payload: {
      summary: cutText(text.title, SUMMARY),
      source: facts.service,
      timestamp: facts.at,
      custom_details: facts.details,
    },
    ...linksOf(message),
  }
}

function linksOf({ facts }: LiveMessage): object {
  return facts.link === null ? {} : { links: [{ href: facts.link, text: 'More' }] }
}
