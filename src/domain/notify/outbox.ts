import type { JournalEvent } from '../event.ts'
import type { IncidentId } from '../incident/words.ts'
import type { MessageId, QueuedMessage, Receipt } from './message.ts'

export interface DeliveryState {
  /** `sent`: taken, not known to be seen. */
  status: 'pending' | 'sent' | 'confirmed' | 'failed'
  attempts: number
  /** When it is tried (again); null: no more. Epoch ms. */
  dueAt: number | null
  receipt: Receipt | null
  /** What the other side said last. */
  note: string | null
  at: string | null
  /** Of the event that says so; null: not tried yet. */
  seq: number | null
}

export interface OutboxEntry {
  seq: number
  queuedAt: string
  message: QueuedMessage
  deliveries: Map<string, DeliveryState>
}

/** Every message, in the order they were queued. */
export type Outbox = Map<MessageId, OutboxEntry>

/** Folded from the journal like everything else. A message that was queued twice is one. */
export function applyToOutbox(outbox: Outbox, event: JournalEvent): void {
  if (event.type === 'MessageQueued') queue(outbox, event)
  if (event.type === 'MessageSent') note(outbox, event, event.data, 'sent', event.data.again)
  if (event.type === 'MessageConfirmed') note(outbox, event, event.data, 'confirmed', null)
  if (event.type === 'MessageDelayed') note(outbox, event, event.data, 'pending', event.data.until)
  if (event.type === 'MessageFailed') note(outbox, event, event.data, 'failed', null)
}

function queue(outbox: Outbox, event: Extract<JournalEvent, { type: 'MessageQueued' }>): void {
  const { message } = event.data
  if (outbox.has(message.id)) return
  const fresh = (): DeliveryState => ({
    status: 'pending',
    attempts: 0,
    dueAt: Date.parse(event.at),
    receipt: null,
    note: null,
    at: null,
    seq: null,
  })
  const deliveries = new Map(message.sinks.map((sink) => [sink, fresh()]))
  outbox.set(message.id, { seq: event.seq, queuedAt: event.at, message, deliveries })
}

function note(
  outbox: Outbox,
  event: JournalEvent,
  data: { id: MessageId; sink: string; attempt: number; receipt?: Receipt | null; note: string },
  status: DeliveryState['status'],
  again: string | null,
): void {
  const delivery = outbox.get(data.id)?.deliveries.get(data.sink)
  if (delivery === undefined) return
  delivery.status = status
  delivery.attempts = Math.max(delivery.attempts, data.attempt)
  delivery.dueAt = again === null ? null : Date.parse(again)
  delivery.receipt = data.receipt ?? delivery.receipt
  delivery.note = data.note
  delivery.at = event.at
  delivery.seq = event.seq
}

/**
 * What may be sent to a sink now, oldest first: of each incident only the first that has not ended, so that nobody reads
 * "resolved" before "opened". One that was sent and is only said again holds nobody up.
 */
export function dueDeliveries(outbox: Outbox, sink: string, now: number): OutboxEntry[] {
  const busy = new Set<IncidentId>()
  const due: OutboxEntry[] = []
  for (const entry of outbox.values()) {
    const delivery = entry.deliveries.get(sink)
    if (delivery === undefined || delivery.dueAt === null) continue
    const { incident } = entry.message
    if (incident !== null && busy.has(incident)) continue
    if (delivery.status === 'sent' && saidSomethingSince(outbox, entry, sink)) continue
    if (delivery.dueAt <= now) due.push(entry)
    if (incident !== null && delivery.status === 'pending') busy.add(incident)
  }
  return due
}

/** A later word on the same incident has gone out: the earlier one is not said again. */
function saidSomethingSince(outbox: Outbox, entry: OutboxEntry, sink: string): boolean {
  for (const other of outbox.values()) {
    const later = other.seq > entry.seq && other.message.incident === entry.message.incident
    if (later && (other.deliveries.get(sink)?.attempts ?? 0) > 0) return true
  }
  return false
}

/** What the sink said last about this incident: which message, which issue is ours. */
export function receiptOf(outbox: Outbox, sink: string, incident: IncidentId | null): Receipt | null {
  if (incident === null) return null
  let newest: Receipt | null = null
  for (const { message, deliveries } of outbox.values())
    if (message.incident === incident) newest = deliveries.get(sink)?.receipt ?? newest
  return newest
}

/** Messages that are not through yet, as far as sinks of today are concerned. */
export function pendingOf(
  outbox: Outbox,
  sinks: readonly string[],
): { entry: OutboxEntry; sink: string; delivery: DeliveryState }[] {
  return [...outbox.values()].flatMap((entry) =>
    [...entry.deliveries]
      .filter(([sink, { status }]) => status === 'pending' && sinks.includes(sink))
      .map(([sink, delivery]) => ({ entry, sink, delivery })),
  )
}
