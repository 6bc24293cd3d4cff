import type { ComponentStatus, PublicStatus } from '../domain/notify/message.ts'

export { COMPONENT_WORDS, STATUS_WORDS } from '../domain/notify/public-view.ts'

/** One sentence for all of it. */
export const OVERALL_WORDS: Record<ComponentStatus, string> = {
  operational: 'All systems work',
  degraded: 'Some systems are degraded',
  'partial-outage': 'Some systems are partly out',
  'major-outage': 'There is a major outage',
}

/** A shape beside the colour: nobody has to tell red from green. */
export const MARKS: Record<ComponentStatus, string> = {
  operational: '✓',
  degraded: '~',
  'partial-outage': '!',
  'major-outage': '✕',
}

export const STATUS_MARKS: Record<PublicStatus, ComponentStatus> = {
  investigating: 'major-outage',
  identified: 'partial-outage',
  monitoring: 'degraded',
  resolved: 'operational',
}

export function escapeMarkup(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** `23 Nov 2026, 14:02 UTC`: the same on every machine. */
export function readableTime(at: string): string {
  const [, year = '', month = '', day = '', time = ''] = /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d)/.exec(at) ?? []
  return `${Number(day)} ${MONTHS[Number(month) - 1] ?? month} ${year}, ${time} UTC`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** Never rounded up to a hundred. */
export function percent(share: number): string {
  return `${(Math.floor(share * 1e5) / 1e3).toFixed(share === 1 ? 0 : 3)} %`
}
