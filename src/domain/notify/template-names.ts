export const TEMPLATE_NAMES = [
  'incident.responders',
  'incident.executives',
  'incident.customers',
  'resolution.responders',
  'resolution.executives',
  'resolution.customers',
  'page',
  'review',
  'change',
] as const

/** A file `<name>.md` in the team's folder takes the place of the built-in one. */
export type TemplateName = (typeof TEMPLATE_NAMES)[number]
