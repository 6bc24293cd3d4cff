import type { NewEvent } from '../domain/event.ts'
import type { LiveMessage, Message, PublicMessage, QueuedMessage } from '../domain/notify/message.ts'
import { type DeliveryState, dueDeliveries, type OutboxEntry, receiptOf } from '../domain/notify/outbox.ts'
import { nextAttemptAt, sayAgainAt } from '../domain/notify/retry.ts'
import type { Lease } from '../ports/journal.ts'
import type { Delivery, Sink } from '../ports/sink.ts'
import type { OutboxPorts } from './outbox-ports.ts'
import type { Told } from './told.ts'

/**
 * One lane for each sink, all at once, so that a dead one holds up nobody else; within a lane one after the other. It ends when
 * nothing is due or the signal fires, whatever the other sides do.
 */
export async function deliverDue(
  ports: OutboxPorts,
  told: Told,
  sinks: readonly Sink[],
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  await Promise.all(sinks.map((sink) => runLane(ports, told, sink, lease, signal)))
}

async function runLane(
  ports: OutboxPorts,
  told: Told,
  sink: Sink,
  lease: Lease,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const [entry] = dueDeliveries(told.outbox, sink.name, ports.clock.now())
    const known = entry?.deliveries.get(sink.name)
    if (entry === undefined || known === undefined) return
    const receipt = receiptOf(told.outbox, sink.name, entry.message.incident)
    const delivery = await hand(sink, entry.message, receipt, signal)
    // Killed here, it is said again, and each sink sees to it that this makes no second incident.
    ports.crash('message/handed')
    await told.append(lease, noteOf(ports, told, sink, entry, known, delivery))
  }
}

/** By reach: a drill has no way to a sink outside, and the public is given nothing but what is public. */
async function hand(
  sink: Sink,
  queued: QueuedMessage,
  receipt: DeliveryState['receipt'],
  signal: AbortSignal,
): Promise<Delivery> {
  if (sink.reach === 'public') {
    const message = publicMessage(queued)
    return message === null ? REFUSED : sink.deliver(message, receipt, signal)
  }
  const message = messageFor(queued, sink.reader)
  if (message === null) return REFUSED
  if (sink.reach === 'inside') return sink.deliver(message, receipt, signal)
  return message.drill ? REFUSED : sink.deliver(message, receipt, signal)
}

/** The configuration has changed since it was queued: it has no words for this reader, or may not go there. */
const REFUSED: Delivery = { outcome: 'failed', why: 'not meant for this sink' }

function messageFor(queued: QueuedMessage, reader: keyof QueuedMessage['texts']): Message | null {
  const { texts, sinks: _, public: __, drill, ...rest } = queued
  const text = texts[reader]
  if (text === undefined) return null
  return drill ? { ...rest, text, drill: true } : ({ ...rest, text, drill: false } satisfies LiveMessage)
}

function publicMessage({
  id,
  occasion,
  incident,
  key,
  drill,
  texts,
  public: facts,
}: QueuedMessage): PublicMessage | null {
  const text = texts.customers
  if (drill || incident === null || facts === null || text === undefined) return null
  return { id, occasion, incident, key, text, facts }
}

function noteOf(
  ports: OutboxPorts,
  told: Told,
  { name: sink, reader }: Sink,
  { message, queuedAt }: OutboxEntry,
  { attempts }: DeliveryState,
  delivery: Delivery,
): NewEvent {
  const { id, occasion, incident } = message
  const now = ports.clock.now()
  const attempt = attempts + 1
  const facts = { id, sink, occasion, reader, attempt }
  if (delivery.outcome === 'failed')
    return told.event('MessageFailed', incident, { ...facts, note: delivery.why })
  const { receipt, note, afterMs } = delivery
  if (delivery.outcome === 'confirmed')
    return told.event('MessageConfirmed', incident, { ...facts, receipt, note })
  if (delivery.outcome === 'sent') {
    const again = afterMs === null ? null : sayAgainAt(attempt, now + afterMs)
    return told.event('MessageSent', incident, { ...facts, receipt, note, again: timeOf(again) })
  }
  const key = `${message.key} ${id} ${sink}`
  const queued = Date.parse(queuedAt)
  const until = nextAttemptAt({ key, attempt, occasion, queuedAt: queued, now, afterMs })
  if (until === null) return told.event('MessageFailed', incident, { ...facts, note: `given up: ${note}` })
  return told.event('MessageDelayed', incident, {
    ...facts,
    receipt,
    note,
    until: new Date(until).toISOString(),
  })
}

function timeOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
