import { createHash } from 'node:crypto'
import type { JournalEvent, NewEvent } from '../domain/event.ts'
import { messageOf } from '../errors/operator-error.ts'
import type { ChainReport } from '../ports/journal.ts'
import { canonicalJson } from './canonical-json.ts'
import { createEventId } from './event-id.ts'

/** What the first event names as the one before it. */
const genesis = '0'.repeat(64)

/** The newest event, as far as the chain is concerned. */
export interface ChainHead {
  seq: number
  hash: string
}

export const emptyChain: ChainHead = { seq: 0, hash: genesis }

/**
 * An event as it is kept: `body` is the canonical JSON of everything but the hash, and `hash` is the sha-256 of that very
 * text. So anybody can check an exported journal with a sha-256 program, and a check needs no knowledge of event types.
 */
export interface SealedEvent {
  seq: number
  body: string
  hash: string
}

/** Gives the events their places behind `head`, in order. */
export function sealEvents(head: ChainHead, events: readonly NewEvent[], now: number): SealedEvent[] {
  const recordedAt = new Date(now).toISOString()
  let last = head
  return events.map((event) => {
    const { type, service, subject, actor, at = recordedAt, causedBy, data } = event
    const place = { seq: last.seq + 1, id: createEventId(now), recordedAt, previousHash: last.hash }
    const body = canonicalJson({ ...place, type, service, subject, actor, at, causedBy, data })
    const sealed = { seq: place.seq, body, hash: hashBody(body) }
    last = sealed
    return sealed
  })
}

/** @throws SyntaxError when the body is not JSON */
export function unsealEvent(sealed: Pick<SealedEvent, 'body' | 'hash'>): JournalEvent {
  // Only `sealEvents` writes bodies, so what parses has the shape.
  return Object.assign(JSON.parse(sealed.body), { hash: sealed.hash }) as JournalEvent
}

function tryUnseal(event: SealedEvent): JournalEvent | null {
  try {
    return unsealEvent(event)
  } catch {
    return null
  }
}

/** Why `event` cannot follow `before`; null when it does. */
export function findBreak(before: ChainHead, event: SealedEvent): string | null {
  if (event.seq !== before.seq + 1) {
    return `event ${before.seq + 1} is missing: after ${before.seq} comes ${event.seq}`
  }
  if (hashBody(event.body) !== event.hash) {
    return `event ${event.seq} was changed after it was written: its hash differs`
  }
  const inside = tryUnseal(event)
  if (inside === null) return `event ${event.seq} is not JSON`
  if (inside.seq !== event.seq) return `event ${event.seq} says it is event ${inside.seq}`
  if (inside.previousHash !== before.hash) {
    return `event ${event.seq} was not written after the event ${before.seq} that is there now: its previous hash differs`
  }
  return null
}

/** Walks every event in order. `noted` is the newest event as noted outside the journal, which betrays a tail cut off. */
export function walkChain(events: Iterable<SealedEvent>, noted: ChainHead | null): ChainReport {
  let last = emptyChain
  const broken = (seq: number, reason: string): ChainReport => ({
    ok: false,
    events: last.seq,
    broken: { seq, reason },
    head: last.hash,
  })
  try {
    for (const event of events) {
      const reason = findBreak(last, event) ?? disagreesWithNote(event, noted)
      if (reason !== null) return broken(last.seq + 1, reason)
      last = { seq: event.seq, hash: event.hash }
    }
  } catch (error) {
    // A report says how far the journal can be trusted; that it cannot be read further is the finding, not a failure.
    return broken(last.seq + 1, `it cannot be read from event ${last.seq + 1} on: ${messageOf(error)}`)
  }
  const cut = tailMissing(last, noted)
  if (cut !== null) return broken(last.seq + 1, cut)
  return { ok: true, events: last.seq, broken: null, head: last.hash }
}

/** The note may be behind the journal (a crash between the two), never ahead of it. */
export function tailMissing(last: ChainHead, noted: ChainHead | null): string | null {
  if (noted === null || noted.seq <= last.seq) return null
  return `its end is missing: it ends at event ${last.seq}, and event ${noted.seq} had been written`
}

export function disagreesWithNote(event: ChainHead, noted: ChainHead | null): string | null {
  if (noted === null || noted.seq !== event.seq || noted.hash === event.hash) return null
  return `event ${event.seq} is not the one that had been written: history was replaced`
}

function hashBody(body: string): string {
  return createHash('sha256').update(body).digest('hex')
}
