import { createHmac } from 'node:crypto'
import type { LiveMessage, Occasion } from '../domain/notify/message.ts'
import { plainLines } from '../domain/notify/message-text.ts'
import type { WebhookSettings } from '../domain/notify/notify-configuration.ts'
import type { OutsideSink } from '../ports/sink.ts'
import { exchange, isAnswer, isSuccess, judgeFailure } from './http.ts'

/** With its version in it: what a type means never changes. */
const TYPES: Record<Occasion, string> = {
  opened: 'incident.declared',
  'person-needed': 'incident.person_needed',
  acknowledged: 'incident.acknowledged',
  'rollback-started': 'rollback.started',
  'rolled-back': 'rollback.verified',
  'rollback-failed': 'rollback.failed',
  update: 'incident.updated',
  'update-due': 'incident.update_missed',
  resolved: 'incident.resolved',
  dismissed: 'incident.dismissed',
  page: 'incident.paged',
  review: 'incident.review',
  change: 'release.live',
  test: 'test',
}

/**
 * CloudEvents 1.0, structured, signed as Standard Webhooks says. `id` is the message's own: a receiver that has seen it has a
 * second delivery of the same.
 */
export function cloudEvents({ name, reader, url, secret }: WebhookSettings): OutsideSink {
  return {
    name,
    kind: 'webhook',
    reach: 'outside',
    reader,
    async deliver(message, _receipt, signal) {
      const body = JSON.stringify(cloudEvent(message))
      const answer = await exchange({
        method: 'POST',
        url,
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          ...(secret === null ? {} : signatureOf(message.id, body, secret)),
        },
        body,
        signal,
      })
      if (!isAnswer(answer)) return answer
      if (!isSuccess(answer)) return judgeFailure(answer)
      return { outcome: 'confirmed', afterMs: null, receipt: null, note: String(answer.status) }
    },
  }
}

function cloudEvent(message: LiveMessage): object {
  const { facts, text, incident, person } = message
  return {
    specversion: '1.0',
    id: message.id,
    source: `/lastgood/${facts.service}`,
    type: `dev.lastgood.${TYPES[message.occasion]}.v1`,
    time: facts.at,
    subject: incident ?? facts.service,
    datacontenttype: 'application/json',
    data: {
      key: message.key,
      incident,
      service: facts.service,
      title: facts.title,
      severity: facts.severity,
      state: facts.state,
      nextUpdate: facts.nextUpdate,
      link: facts.link,
      details: facts.details,
      person: person?.name ?? null,
      text: { title: text.title, body: plainLines(text.lines).join('\n') },
    },
  }
}

/** A new time and signature with each attempt, the same id: a receiver refuses old times. */
function signatureOf(id: string, body: string, secret: string): Record<string, string> {
  const at = Math.floor(Date.now() / 1_000)
  const signature = createHmac('sha256', keyOf(secret)).update(`${id}.${at}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': String(at), 'webhook-signature': `v1,${signature}` }
}

function keyOf(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
}
