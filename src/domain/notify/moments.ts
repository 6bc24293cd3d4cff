import type { Incident } from '../incident/incident.ts'
import { isActive } from '../incident/incident.ts'
import type { IncidentId } from '../incident/words.ts'
import type { Run } from '../run.ts'
import type { ServiceState } from '../service-state.ts'
import type { Verdict } from '../verdict.ts'
import type { MessageId, Occasion } from './message.ts'
import type { Outbox } from './outbox.ts'

/** Something that somebody has to be told, and when it happened. */
export interface Moment {
  id: MessageId
  occasion: Occasion
  incident: Incident | null
  at: string
  /** What it is about, where the incident alone does not say it. */
  verdict?: Verdict
  run?: Run
  update?: Incident['updates'][number]
  page?: Incident['pages'][number]
  /** The promise that was not kept. */
  promised?: string
}

/** What happened longer ago is told by the report. */
export const TOO_OLD_MS = 2 * 60 * 60_000

/**
 * Everything that is to be told and was not queued yet, in the order it happened. The rule is a pure function of the
 * journal, so that it does not matter who asks, how often, or whether the one before was killed.
 */
export function dueMoments(
  state: ServiceState,
  incidents: readonly Incident[],
  outbox: Outbox,
  now: number,
): Moment[] {
  const recent = incidents.filter((incident) => isActive(incident) || endedSince(incident, now - TOO_OLD_MS))
  return [...recent.flatMap((incident) => momentsOf(incident, state, outbox)), ...changes(state)]
    .filter(({ id, at }) => !outbox.has(id) && now - Date.parse(at) <= TOO_OLD_MS)
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
}

function endedSince({ times, review }: Incident, since: number): boolean {
  const ended = Date.parse(times.closed ?? times.resolved ?? times.detected)
  return Math.max(ended, review === null ? 0 : Date.parse(review.changedAt)) >= since
}

function momentsOf(incident: Incident, state: ServiceState, outbox: Outbox): Moment[] {
  const { id, times } = incident
  const moment = (occasion: Occasion, what: string, at: string, about: Partial<Moment> = {}): Moment => ({
    id: what === '' ? `${id}/${occasion}` : `${id}/${occasion}/${what}`,
    occasion,
    incident,
    at,
    ...about,
  })
  const ended = times.resolved
  return [
    moment('opened', '', times.detected),
    ...verdictsOf(incident, state).map((verdict) =>
      moment('person-needed', verdict.id, verdict.decidedAt, { verdict }),
    ),
    ...(times.acknowledged === null ? [] : [moment('acknowledged', '', times.acknowledged)]),
    ...runsOf(incident, state).flatMap((run) => [
      moment('rollback-started', run.id, run.startedAt, { run }),
      ...(run.endedAt === null ? [] : runEnd(run, run.endedAt, moment)),
    ]),
    ...incident.updates.map((update) => moment('update', String(update.seq), update.at, { update })),
    ...incident.missedUpdates.map((promised) => moment('update-due', promised, promised, { promised })),
    ...incident.pages.map((page) => moment('page', String(page.seq), page.at, { page })),
    ...(ended === null || incident.state === 'dismissed' ? [] : [moment('resolved', ended, ended)]),
    ...(incident.state === 'dismissed' ? [moment('dismissed', '', times.closed ?? times.detected)] : []),
    ...reviewMoments(incident, outbox, moment),
    ...againMoments(incident, outbox, moment),
  ]
}

type MakeMoment = (occasion: Occasion, what: string, at: string, about?: Partial<Moment>) => Moment

function runEnd(run: Run, at: string, moment: MakeMoment): Moment[] {
  if (run.status === 'running') return []
  const occasion = run.status === 'succeeded' ? 'rolled-back' : 'rollback-failed'
  // A run that stopped and was resumed ends twice.
  const what = run.status === 'succeeded' ? run.id : `${run.id}/${at}`
  return [moment(occasion, what, at, { run })]
}

/** Set, moved or called off: only as it stands now. What nobody was invited to need not be called off. */
function reviewMoments({ id, review }: Incident, outbox: Outbox, moment: MakeMoment): Moment[] {
  if (review === null || review.attendees.length === 0) return []
  const invited = entriesOf(id, outbox).some(({ message }) => message.occasion === 'review')
  if (review.cancelled !== null && !invited) return []
  return [moment('review', String(review.seq), review.changedAt)]
}

/** It was called resolved, and was not. */
function againMoments(incident: Incident, outbox: Outbox, moment: MakeMoment): Moment[] {
  if (!isActive(incident)) return []
  const saidResolved = entriesOf(incident.id, outbox).filter(({ message }) => message.occasion === 'resolved')
  const last = saidResolved.at(-1)
  return last === undefined ? [] : [moment('opened', `again/${saidResolved.length}`, last.queuedAt)]
}

/** Those that wait for a person: nothing happens by itself. One that is over before it was said is not said. */
function verdictsOf(incident: Incident, { verdicts }: ServiceState): Verdict[] {
  return incident.verdicts
    .flatMap((id) => verdicts.findLast((verdict) => verdict.id === id) ?? [])
    .filter(({ decision, ended }) => decision !== 'roll-back' && ended === null)
}

function runsOf(incident: Incident, { runs }: ServiceState): Run[] {
  return incident.runs
    .flatMap(({ id }) => runs.findLast((run) => run.id === id) ?? [])
    .filter(({ plan }) => plan.verb === 'rollback')
}

/** Every deploy and every rollback that went through: what a responder looks for first. */
function changes({ runs }: ServiceState): Moment[] {
  return runs.flatMap((run) =>
    run.status === 'succeeded' && run.endedAt !== null
      ? [{ id: `change/${run.id}`, occasion: 'change' as const, incident: null, at: run.endedAt, run }]
      : [],
  )
}

/** What tells people how it stands, and promises the next word. */
const TELLS: ReadonlySet<Occasion> = new Set([
  'opened',
  'person-needed',
  'rollback-started',
  'rolled-back',
  'rollback-failed',
  'update',
  'update-due',
])

/** By when something has to be said about an incident; null: it is over, or nobody was promised anything. */
export function promisedUpdate(
  incident: Incident,
  outbox: Outbox,
  cadence: { firstWithinMs: number; updateEveryMs: number },
): string | null {
  if (!isActive(incident)) return null
  const said = entriesOf(incident.id, outbox).filter(({ message }) => TELLS.has(message.occasion))
  const reached = said.some(({ deliveries }) => [...deliveries.values()].some(hasArrived))
  const { detected } = incident.times
  const first = later(detected, cadence.firstWithinMs)
  // Queued is not told.
  if (!reached && !incident.missedUpdates.includes(first)) return first
  const newest = said.at(-1)?.queuedAt ?? incident.missedUpdates.at(-1) ?? detected
  const byItself = later(newest, cadence.updateEveryMs)
  const byPerson = incident.nextUpdate
  return byPerson === null || incident.missedUpdates.includes(byPerson) ? byItself : byPerson
}

function hasArrived({ status }: { status: string }): boolean {
  return status === 'sent' || status === 'confirmed'
}

function entriesOf(incident: IncidentId, outbox: Outbox) {
  return [...outbox.values()].filter(({ message }) => message.incident === incident)
}

function later(at: string, ms: number): string {
  return new Date(Date.parse(at) + ms).toISOString()
}
