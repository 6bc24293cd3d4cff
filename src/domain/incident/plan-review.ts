import { type ContactsConfiguration, findPerson } from '../contacts/contacts.ts'
import type { Incident } from './incident.ts'
import { type ReviewRule, reviewStart } from './review-rule.ts'
import type { ReviewFacts } from './words.ts'

export interface ReviewParts {
  contacts: ContactsConfiguration
  rule: ReviewRule
  /** When a person wants it, epoch ms; null: by the rule. */
  at: number | null
  /** Epoch ms. */
  now: number
}

/** The review as it should stand. One that is there stays where it is unless it is moved: the same invite, one higher. */
export function planReview(incident: Incident, { contacts, rule, at, now }: ReviewParts): ReviewFacts {
  const { review, severity, service, id, key, times } = incident
  const byRule = reviewStart(severity, Date.parse(times.resolved ?? new Date(now).toISOString()), rule)
  const set = review?.cancelled === null ? Date.parse(review.start) : null
  // Long after the end the rule's own date is gone.
  const start = at ?? set ?? (byRule > now ? byRule : reviewStart(severity, now, rule))
  return {
    uid: review?.uid ?? `review-${service}-${id}-${key}`,
    sequence: review === null ? 0 : review.sequence + 1,
    start: new Date(start).toISOString(),
    minutes: rule.minutes,
    timeZone: rule.timeZone,
    attendees: inviteesOf(incident, contacts),
  }
}

/** Whether anybody has to hear of it: asked for again, it is the same review, and nobody gets a second invite for nothing. */
export function changesReview({ review }: Incident, planned: ReviewFacts): boolean {
  if (review === null || review.cancelled !== null) return true
  const people = (invited: ReviewFacts['attendees']) =>
    invited
      .map(({ email }) => email)
      .sort()
      .join()
  return (
    review.start !== planned.start ||
    review.minutes !== planned.minutes ||
    people(review.attendees) !== people(planned.attendees)
  )
}

/** Whoever took part and has an address. */
function inviteesOf(
  { roles, participants }: Incident,
  contacts: ContactsConfiguration,
): ReviewFacts['attendees'] {
  const took = [...Object.values(roles), ...participants]
  const ids = new Set(took.flatMap((name) => findPerson(contacts, name) ?? []))
  return [...ids].flatMap((id) => {
    const { name, email } = contacts.people[id] ?? {}
    return name === undefined || !email ? [] : [{ name, email }]
  })
}
