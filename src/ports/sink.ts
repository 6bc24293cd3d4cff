import type { DrillMessage, LiveMessage, PublicMessage, Reader, Receipt } from '../domain/notify/message.ts'

/** `confirmed`: it has arrived and can be seen · `sent`: it was taken, and nobody says what became of it. */
export type Delivery =
  | { outcome: 'confirmed' | 'sent'; afterMs: number | null; receipt: Receipt | null; note: string }
  /** `afterMs`: what the other side asks for; null: it does not say. */
  | { outcome: 'retry'; afterMs: number | null; receipt: Receipt | null; note: string }
  /** It would fail for ever. */
  | { outcome: 'failed'; why: string }

interface AnySink {
  name: string
  kind: string
}

/**
 * Where messages go. A message may be delivered twice (killed between sending and noting it), so each adapter sees to it that
 * the second time makes no second incident: by the other side's own key, or by looking for what is there. Never throws.
 */
export interface InsideSink extends AnySink {
  /** Ends on this machine: the one reach that a drill has. */
  reach: 'inside'
  reader: Reader
  deliver(
    message: LiveMessage | DrillMessage,
    receipt: Receipt | null,
    signal: AbortSignal,
  ): Promise<Delivery>
}

export interface OutsideSink extends AnySink {
  reach: 'outside'
  reader: Reader
  deliver(message: LiveMessage, receipt: Receipt | null, signal: AbortSignal): Promise<Delivery>
}

export interface PublicSink extends AnySink {
  /** Customers read it: it is given nothing else than what they may see. */
  reach: 'public'
  reader: 'customers'
  deliver(message: PublicMessage, receipt: Receipt | null, signal: AbortSignal): Promise<Delivery>
  /** A test that nobody would see: does the key work? */
  check(signal: AbortSignal): Promise<Delivery>
}

export type Sink = InsideSink | OutsideSink | PublicSink
