import type { IncidentId, Severity } from '../incident/words.ts'
import type { MessageText } from './message-text.ts'

/** Says what it is about, so that nothing is ever queued twice: `i3/rolled-back/<run>`. */
export type MessageId = string

/** What a sink needs to find its own message again: an id, a timestamp. Never a secret. */
export type Receipt = Readonly<Record<string, string>>

/** Who a text is written for. */
export type Reader = 'responders' | 'executives' | 'customers'

export const READERS = ['responders', 'executives', 'customers'] as const satisfies readonly Reader[]

export const OCCASIONS = [
  'opened',
  'person-needed',
  'acknowledged',
  'rollback-started',
  'rolled-back',
  'rollback-failed',
  'update',
  'update-due',
  'resolved',
  'dismissed',
  'page',
  'review',
  'change',
  'test',
] as const

/**
 * What a message is sent for. `update-due`: the promised update was not given · `page`: to one person, who has to answer ·
 * `review`: the invite to it, or that it is called off · `change`: a release went live · `test`: a person wants to know that
 * it arrives.
 */
export type Occasion = (typeof OCCASIONS)[number]

/** What sinks need as data. Nothing in it is for customers: see {@link PublicMessage}. */
export interface MessageFacts {
  service: string
  /** The incident's own title, or what changed. */
  title: string
  severity: Severity | null
  /** The incident's own. */
  state: string | null
  /** When it happened. */
  at: string
  nextUpdate: string | null
  /** Where more is to be read; null: nowhere. */
  link: string | null
  /** Small facts for programs. */
  details: Record<string, string>
}

/** What customers are shown, and nothing else is in it. */
export interface PublicFacts {
  status: PublicStatus
  impact: ComponentStatus
  /** Names on the status page that are affected; all that is shown of what is broken. */
  components: string[]
}

export type PublicStatus = 'investigating' | 'identified' | 'monitoring' | 'resolved'

/** In order: the last is the worst. */
export const COMPONENT_STATES = ['operational', 'degraded', 'partial-outage', 'major-outage'] as const

export type ComponentStatus = (typeof COMPONENT_STATES)[number]

/** Who is paged, and how that person can be reached. */
export interface PagedPerson {
  name: string
  email: string | null
  slack: string | null
}

/** The review, for the calendars of those who are invited to it. */
export interface Invite {
  method: 'REQUEST' | 'CANCEL'
  /** iCalendar; the same UID each time, a higher SEQUENCE. */
  calendar: string
  to: { name: string; email: string }[]
}

interface AnyMessage {
  id: MessageId
  occasion: Occasion
  /** Null: it belongs to none. Messages of one incident are sent in order. */
  incident: IncidentId | null
  /** What others know the incident by, unlike `i3` the same in no other home; without an incident, the message's own. */
  key: string
  facts: MessageFacts
  text: MessageText
  /** For `page` alone. */
  person: PagedPerson | null
  /** For `review` alone. */
  invite?: Invite
}

/** May go to the outside. */
export interface LiveMessage extends AnyMessage {
  drill: false
}

/** Can only be given to a sink that stays inside. */
export interface DrillMessage extends AnyMessage {
  drill: true
}

export type Message = LiveMessage | DrillMessage

/** What a sink is given that customers read: no release, no name, no error text can be in it. */
export interface PublicMessage {
  id: MessageId
  occasion: Occasion
  incident: IncidentId
  key: string
  text: MessageText
  facts: PublicFacts
}

/** As it is kept in the journal, with every text that may be needed. */
export interface QueuedMessage extends Omit<AnyMessage, 'text'> {
  drill: boolean
  sinks: string[]
  texts: Partial<Record<Reader, MessageText>>
  /** Null: it is none of the customers' business. */
  public: PublicFacts | null
}
