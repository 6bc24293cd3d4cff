import type { Incident } from '../incident/incident.ts'
import type { Occasion, PublicFacts } from './message.ts'
import { impactSentence, publicDataSentence, STATUS_WORDS } from './public-view.ts'
import type { PublicView } from './template-set.ts'
import { clockTime, roughly } from './words.ts'

/** Exhaustive: what customers are told is decided for each occasion. Null: nothing. */
export const PUBLIC_HEADLINES: Record<Occasion, string | null> = {
  opened: 'We are looking into a problem',
  'rollback-started': 'We are going back to an earlier version',
  'rolled-back': 'We have gone back to an earlier version, and are watching it',
  update: 'Update on the problem',
  resolved: 'The problem is solved',
  dismissed: 'There was no problem after all',
  'person-needed': null,
  acknowledged: null,
  'rollback-failed': null,
  'update-due': null,
  page: null,
  review: null,
  change: null,
  test: null,
}

/**
 * What customers read. Made of their own facts, times, and sentences that a person has called public: nothing else is taken
 * from the incident.
 */
export function customerView(
  title: string,
  occasion: Occasion,
  incident: Pick<Incident, 'times' | 'data' | 'eta' | 'updates'>,
  facts: PublicFacts,
  about: { nextUpdate: string | null; link: string | null; corrupt: boolean; now: number },
): PublicView {
  const { times } = incident
  const said = new Date(about.now).toISOString()
  return {
    service: title,
    headline: PUBLIC_HEADLINES[occasion],
    status: STATUS_WORDS[facts.status],
    impact: impactSentence(facts),
    eta: incident.eta === null || facts.status === 'resolved' ? null : clockTime(incident.eta, said),
    nextUpdate: about.nextUpdate === null ? null : clockTime(about.nextUpdate, said),
    dataLoss: publicDataSentence(incident, about.corrupt),
    duration:
      times.resolved === null
        ? null
        : roughly(Date.parse(times.resolved) - Date.parse(times.failingSince ?? times.detected)),
    update: incident.updates.findLast((update) => update.public)?.text ?? null,
    link: about.link,
  }
}
