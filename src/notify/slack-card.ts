import type { LiveMessage, Receipt } from '../domain/notify/message.ts'
import type { SlackCardSettings } from '../domain/notify/notify-configuration.ts'
import type { Delivery, OutsideSink } from '../ports/sink.ts'
import { exchange, isAnswer, isSuccess, jsonObject, judgeFailure, retry, retryAfterMs } from './http.ts'
import { slackMessage } from './slack-blocks.ts'

/** Slack's own errors that pass; any other would come again. */
const PASSING = new Set(['ratelimited', 'internal_error', 'fatal_error', 'service_unavailable'])
/** The card cannot be changed any more: there will be another one. */
const GONE = new Set(['message_not_found', 'edit_window_closed', 'cant_update_message'])

/** `error`: Slack's own word; null: it did not come to that. */
type Called = { ok: Record<string, unknown> } | { error: string | null; delivery: Delivery }

/**
 * One message for each incident that changes as it goes on, and each change as a reply below it: the channel shows how it
 * stands, the thread how it came to that. The card carries the incident's key, so that one that was posted by a run that
 * was killed is found again. A message that belongs to no incident is simply posted.
 */
export function slackCard({ name, reader, channel, token, api }: SlackCardSettings): OutsideSink {
  async function call(method: string, body: object, signal: AbortSignal): Promise<Called> {
    const answer = await exchange({
      method: 'POST',
      url: `${api}/${method}`,
      headers: { 'content-type': 'application/json; charset=utf-8', authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
      signal,
    })
    if (!isAnswer(answer)) return { error: null, delivery: answer }
    if (!isSuccess(answer)) return { error: null, delivery: judgeFailure(answer, 1_000) }
    const json = jsonObject(answer)
    if (json?.ok === true) return { ok: json }
    if (typeof json?.error !== 'string') return { error: null, delivery: retry('the answer is not Slack’s') }
    const { error } = json
    return PASSING.has(error)
      ? { error, delivery: retry(error, retryAfterMs(answer)) }
      : { error, delivery: { outcome: 'failed', why: `${method}: ${error}` } }
  }

  /** Without the right to read the channel nothing is found, and at worst there is a second card. */
  async function findCard(key: string, signal: AbortSignal): Promise<{ card: Receipt | null } | Delivery> {
    const query = { channel, include_all_metadata: true, limit: 100 }
    const history = await call('conversations.history', query, signal)
    if (!('ok' in history)) {
      const passes = history.error === null || history.delivery.outcome === 'retry'
      return passes ? history.delivery : { card: null }
    }
    const messages: unknown[] = Array.isArray(history.ok.messages) ? history.ok.messages : []
    const ts = field(
      messages.find((one) => keyOf(one) === key),
      'ts',
    )
    return { card: typeof ts === 'string' ? { ts, channel } : null }
  }

  async function post(
    message: LiveMessage,
    extra: object,
    signal: AbortSignal,
  ): Promise<{ receipt: Receipt } | { delivery: Delivery }> {
    const posted = await call('chat.postMessage', { channel, ...slackMessage(message), ...extra }, signal)
    if (!('ok' in posted)) return posted
    const { ts, channel: id } = posted.ok
    if (typeof ts !== 'string') return { delivery: retry('the answer has no ts') }
    // chat.update wants the id, also where a name was enough to post.
    return { receipt: { ts, channel: typeof id === 'string' ? id : channel } }
  }

  const confirmed = (receipt: Receipt | null, note: string): Delivery => ({
    outcome: 'confirmed',
    afterMs: null,
    receipt,
    note,
  })

  async function openCard(message: LiveMessage, signal: AbortSignal): Promise<Delivery> {
    const opened = await post(message, { metadata: metadataOf(message) }, signal)
    return 'delivery' in opened ? opened.delivery : confirmed(opened.receipt, 'card posted')
  }

  async function changeCard(message: LiveMessage, card: Receipt, signal: AbortSignal): Promise<Delivery> {
    const place = { channel: card.channel ?? channel, ts: card.ts ?? '' }
    // A page is for one person, and is not how it stands.
    if (message.person === null) {
      const body = { ...place, ...slackMessage(message), metadata: metadataOf(message) }
      const updated = await call('chat.update', body, signal)
      if (!('ok' in updated))
        return updated.error !== null && GONE.has(updated.error)
          ? openCard(message, signal)
          : updated.delivery
    }
    // A card that changes rings nowhere; a reply does.
    const reply = await post(message, { channel: place.channel, thread_ts: place.ts }, signal)
    return 'delivery' in reply ? reply.delivery : confirmed(card, 'card changed')
  }

  return {
    name,
    kind: 'slack-bot',
    reach: 'outside',
    reader,
    async deliver(message, receipt, signal) {
      if (message.incident === null) {
        const posted = await post(message, {}, signal)
        return 'delivery' in posted ? posted.delivery : confirmed(null, 'posted')
      }
      const found = receipt === null ? await findCard(message.key, signal) : { card: receipt }
      if ('outcome' in found) return found
      const { card } = found
      return card === null ? openCard(message, signal) : changeCard(message, card, signal)
    },
  }
}

const EVENT_TYPE = 'lastgood_incident'

function metadataOf({ key }: LiveMessage): object {
  return { event_type: EVENT_TYPE, event_payload: { key } }
}

function keyOf(message: unknown): unknown {
  const metadata = field(message, 'metadata')
  return field(metadata, 'event_type') === EVENT_TYPE ? field(field(metadata, 'event_payload'), 'key') : null
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined
}
