import ical, {
  ICalAttendeeRole,
  ICalAttendeeStatus,
  ICalCalendarMethod,
  ICalEventStatus,
} from 'ical-generator'
import type { Incident } from '../domain/incident/incident.ts'
import { severityName } from '../domain/incident/severity.ts'
import { agendaMarkdown } from './agenda.ts'
import { oneLine } from './incident-text.ts'

export interface InviteSettings {
  organizer: string | null
  location: string | null
  /** Where it is, as `host:path`. */
  report: string
}

/**
 * The review as a request, or, once it is called off, as a cancellation, to be sent as `text/calendar; method=...`. Times are
 * UTC: a zone without its rules is read an hour off. Null: no review was set, or nobody can be invited.
 */
export function renderInvite(incident: Incident, settings: InviteSettings): string | null {
  const { review } = incident
  const [first] = review?.attendees ?? []
  if (review === null || first === undefined) return null
  const off = review.cancelled !== null
  const calendar = ical({
    prodId: { company: 'lastgood', product: 'review', language: 'EN' },
    method: off ? ICalCalendarMethod.CANCEL : ICalCalendarMethod.REQUEST,
  })
  const start = Date.parse(review.start)
  const event = calendar.createEvent({
    id: review.uid,
    sequence: review.sequence,
    stamp: new Date(review.changedAt),
    start: new Date(start),
    end: new Date(start + review.minutes * 60_000),
    summary: `${incident.drill ? '[DRILL] ' : ''}Review of ${incident.id} (${severityName(incident.severity)}): ${oneLine(incident.title)}`,
    description: off ? `Called off: ${review.cancelled}` : agendaMarkdown(incident, settings.report),
    status: off ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    organizer: { name: 'lastgood', email: settings.organizer ?? first.email },
    ...(settings.location === null ? {} : { location: settings.location }),
  })
  for (const { name, email } of review.attendees)
    event.createAttendee({
      name,
      email,
      rsvp: true,
      role: ICalAttendeeRole.REQ,
      status: ICalAttendeeStatus.NEEDSACTION,
    })
  return calendar.toString()
}
