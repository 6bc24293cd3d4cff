import type { Incident } from '../domain/incident/incident.ts'
import type { ReviewFacts } from '../domain/incident/words.ts'
import type { PagedPerson } from '../domain/notify/message.ts'
import type { StatusPage } from '../domain/notify/status-page.ts'
import type { Sink } from './sink.ts'

export interface NotifyPorts {
  /** Loaded when they are first asked for. */
  sinks(): Promise<Sink[]>
  /** The team's own templates, name to text. One that cannot be read is not there. */
  templates(): Promise<ReadonlyMap<string, string>>
  /** How a person of the contacts can be reached. */
  person(name: string): PagedPerson
  /** Whom to page next, and when (epoch ms); null: nobody. */
  nextPage(incident: Incident): Promise<DuePage | null>
  /** When the review of one that is over is to be, by the rule, and with whom. */
  review(incident: Incident): ReviewFacts
  /** The review as iCalendar: a request, or that it is called off; null: there is none, or nobody to invite. */
  invite(incident: Incident): Promise<string | null>
  /**
   * Writes the page, each file at once and whole. True: what customers see has changed.
   * @throws OperatorError STATUS_PAGE_NOT_WRITTEN
   */
  publish(page: StatusPage): Promise<boolean>
}

export interface DuePage {
  person: string
  rung: number
  round: number
  at: number
  reason: string
}
