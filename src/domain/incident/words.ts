/** `i1`, `i2`, ... in the order they were opened. */
export type IncidentId = string

/** 1 is the worst. In doubt the higher one, that is: the lower number. */
export type Severity = 1 | 2 | 3 | 4 | 5

export const ROLES = [
  'commander',
  'deputy',
  'scribe',
  'expert',
  'customer-liaison',
  'internal-liaison',
] as const

export type RoleName = (typeof ROLES)[number]

/** How an action item helps: it is noticed sooner, it does not happen, it hurts less. */
export const ACTION_KINDS = ['detect', 'prevent', 'correct'] as const

export type ActionKind = (typeof ACTION_KINDS)[number]

export interface ReviewFacts {
  uid: string
  sequence: number
  start: string
  minutes: number
  /** In which the working hours were counted. */
  timeZone: string
  attendees: { name: string; email: string }[]
}
