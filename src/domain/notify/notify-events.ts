import type { IncidentId } from '../incident/words.ts'
import type {
  ComponentStatus,
  MessageId,
  Occasion,
  PublicStatus,
  QueuedMessage,
  Reader,
  Receipt,
} from './message.ts'

/** One try to hand one message to one sink. `attempt` counts from 1. */
export interface AttemptFacts {
  id: MessageId
  sink: string
  /** Repeated, so that the event tells by itself what has reached whom. */
  occasion: Occasion
  reader: Reader
  attempt: number
  /** What the other side said, in short. */
  note: string
}

/** What became of each message, by sink. */
export interface NotifyEventData {
  MessageQueued: { message: QueuedMessage }
  /** Taken by the other side, which does not say what became of it. `again`: when it is said once more; null: never. */
  MessageSent: AttemptFacts & { receipt: Receipt | null; again: string | null }
  /** It has arrived, and can be seen. */
  MessageConfirmed: AttemptFacts & { receipt: Receipt | null }
  /** Not this time; it is tried again at `until`. */
  MessageDelayed: AttemptFacts & { receipt: Receipt | null; until: string }
  /** It is not tried again. */
  MessageFailed: AttemptFacts
  /** What customers see has changed, and the page was written. `incident`: of which it tells first; null: all is well. */
  StatusPagePublished: { incident: IncidentId | null; status: PublicStatus | null; impact: ComponentStatus }
}

/** Checked against the interface by the compiler, so that a new one cannot be forgotten. */
const EVENTS: Record<keyof NotifyEventData, true> = {
  MessageQueued: true,
  MessageSent: true,
  MessageConfirmed: true,
  MessageDelayed: true,
  MessageFailed: true,
  StatusPagePublished: true,
}

export function isNotifyEvent(type: string): boolean {
  return Object.hasOwn(EVENTS, type)
}
