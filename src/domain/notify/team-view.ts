import type { Finding } from '../finding.ts'
import type { Incident, IncidentState } from '../incident/incident.ts'
import { severityName } from '../incident/severity.ts'
import type { Severity } from '../incident/words.ts'
import { describeRelease, type ReleaseId } from '../release.ts'
import type { ServiceState } from '../service-state.ts'
import { findRelease } from '../service-state.ts'
import { showWallClock, wallClock } from '../zoned-time.ts'
import type { Moment } from './moments.ts'
import type { TeamView } from './template-set.ts'
import { clockTime, exactTime, roughly } from './words.ts'

const SEVERITY_WORDS: Record<Severity, string> = {
  1: 'Critical',
  2: 'Major',
  3: 'Moderate',
  4: 'Minor',
  5: 'Informational',
}

const STATE_WORDS: Record<IncidentState, string> = {
  open: 'Open, nobody has it yet',
  acknowledged: 'Being looked into',
  mitigating: 'Rollback in progress',
  monitoring: 'Rolled back, being watched',
  resolved: 'Resolved',
  closed: 'Closed',
  dismissed: 'It was none',
}

export interface ViewParts {
  service: string
  state: ServiceState
  incident: Incident
  moment: Moment
  nextUpdate: string | null
  link: string | null
  /** Epoch ms. */
  now: number
}

/** Everything a template for the team may ask for. Times are those of the events, so that every message says the same ones. */
export function teamView(parts: ViewParts): TeamView {
  const { incident, state, moment, nextUpdate, now } = parts
  const { times } = incident
  const said = new Date(now).toISOString()
  return {
    service: parts.service,
    incident: incident.id,
    title: incident.title,
    headline: headlineOf(moment, state),
    severity: severityName(incident.severity),
    severityWord: SEVERITY_WORDS[incident.severity],
    status: statusOf(incident),
    impact: impactOf(incident, state),
    action: actionOf(incident, state),
    eta: etaOf(incident),
    nextUpdate: nextUpdate === null ? null : clockTime(nextUpdate, said),
    dataLoss: dataSentence(incident, state),
    release: nameOf(state, incident.release),
    target: nameOf(state, incident.target),
    resolution: resolutionOf(incident, state),
    duration:
      times.resolved === null ? null : roughly(between(times.failingSince ?? times.detected, times.resolved)),
    update: moment.update?.text ?? incident.updates.at(-1)?.text ?? null,
    commander: incident.roles.commander ?? null,
    person: moment.page?.person ?? null,
    link: parts.link,
    timeline: timelineOf(incident, state),
    findings: findingsOf(incident, state).map(({ summary }) => ({ text: summary })),
    nextSteps: nextStepsOf(incident, state),
  }
}

export function headlineOf(
  { occasion, incident, verdict, run, promised }: Moment,
  state: ServiceState,
): string {
  const to = nameOf(state, run?.plan.to ?? incident?.target ?? null) ?? 'the last known good release'
  switch (occasion) {
    case 'opened':
      return incident?.title ?? 'Something is wrong'
    case 'person-needed':
      return verdict?.decision === 'ask'
        ? `Rollback to ${nameOf(state, verdict.to) ?? to} is proposed, and waits for a person`
        : `A person is needed: ${verdict?.reason ?? 'nothing is proven to help'}`
    case 'acknowledged':
      return `Somebody has it: ${incident?.title ?? ''}`
    case 'rollback-started':
      return `Rolling back to ${to}`
    case 'rolled-back':
      return `Rolled back to ${to}`
    case 'rollback-failed':
      return run?.status === 'put-back'
        ? `The rollback to ${to} was put back: a person is needed`
        : `The rollback to ${to} stopped part way: a person is needed`
    case 'update':
      return incident?.title ?? 'Update'
    case 'update-due':
      return `The update promised for ${promised === undefined ? 'now' : clockTime(promised)} has not come`
    case 'resolved':
      return `Resolved: ${incident?.title ?? ''}`
    case 'dismissed':
      return `It was none: ${incident?.title ?? ''}`
    case 'page':
      return incident?.title ?? 'You are needed'
    case 'review':
      return incident === null ? '' : reviewHeadline(incident)
    case 'change':
    case 'test':
      return ''
  }
}

function reviewHeadline({ id, review }: Incident): string {
  if (review === null) return ''
  const { start, timeZone, minutes, cancelled } = review
  if (cancelled !== null) return `The review of ${id} is called off: ${cancelled}`
  return `Review of ${id}: ${showWallClock(wallClock(Date.parse(start), timeZone))} (${timeZone}), ${minutes} minutes`
}

export function findingsOf(incident: Incident, { findings }: ServiceState): Finding[] {
  return findings.filter(({ id }) => incident.findings.includes(id))
}

export function isCorrupt(incident: Incident, state: ServiceState): boolean {
  return findingsOf(incident, state).some(({ trigger }) => trigger === 'corruption')
}

export function nameOf(state: ServiceState, id: ReleaseId | null): string | null {
  const release = findRelease(state, id)
  return release === null ? id : describeRelease(release)
}

function statusOf(incident: Incident): string {
  if (incident.state === 'mitigating' && incident.runs.at(-1)?.verb === 'deploy') return 'Deploy in progress'
  if (incident.state === 'monitoring' && incident.runs.at(-1)?.verb === 'deploy')
    return 'Deployed, being watched'
  return STATE_WORDS[incident.state]
}

function impactOf({ impact }: Incident, _state: ServiceState): string {
  const { requests, failed, gapMs, databaseUnavailableMs, texts } = impact
  const parts = [
    texts.at(-1)?.text ?? null,
    requests === null || failed === null
      ? null
      : `${failed} of ${requests} requests failed${shareOf(failed, requests)}`,
    gapMs === null ? null : `nothing answered for ${Math.round(gapMs)} ms`,
    databaseUnavailableMs === null ? null : `no database for ${Math.round(databaseUnavailableMs)} ms`,
  ].filter((part) => part !== null)
  return parts.length === 0 ? 'not counted yet' : parts.join('; ')
}

function shareOf(failed: number, requests: number): string {
  return requests === 0 ? '' : ` (${((100 * failed) / requests).toFixed(1)} %)`
}

function actionOf(incident: Incident, state: ServiceState): string {
  const run = incident.runs.at(-1)
  const to = nameOf(state, run?.to ?? incident.target)
  if (run?.status === 'running')
    return `${run.verb === 'rollback' ? 'Rolling back' : 'Deploying'} to version ${to}`
  if (run?.status === 'succeeded')
    return `${run.verb === 'rollback' ? 'Rolled back' : 'Deployed'} to version ${to}`
  if (run?.status === 'stopped') return `The ${run.verb} to ${to} stopped part way: lastgood resume`
  const verdict = state.verdicts.findLast(({ id, ended }) => incident.verdicts.includes(id) && ended === null)
  if (verdict?.decision === 'ask') return `Rollback to ${to} is proposed: lastgood rollback`
  if (verdict?.decision === 'roll-back') return `Rollback to ${to} is about to begin`
  if (verdict?.decision === 'hold') return 'Nothing is proven to help: a person decides'
  return 'Being looked into'
}

/** A person's word, else what the plan expects, with where that comes from. */
function etaOf(incident: Incident): string | null {
  if (incident.state === 'resolved' || incident.state === 'closed') return null
  if (incident.eta !== null) return clockTime(incident.eta)
  const run = incident.runs.at(-1)
  if (run?.status !== 'running') return 'not known yet'
  const { eta } = run.plan
  const at = new Date(Date.parse(run.startedAt) + eta.ms).toISOString()
  return `${clockTime(at)} (${eta.source === 'measured' ? `measured in ${eta.runs} runs` : 'a default'})`
}

/** Said every time: whether data was lost, how much, or that none was. */
function dataSentence(incident: Incident, state: ServiceState): string {
  const { lost, salvaged } = incident.data
  if (lost === null)
    return isCorrupt(incident, state)
      ? 'damaged rows were found; how many is not known yet'
      : 'none lost: the data was not touched'
  const tables = salvaged.flatMap((one) => one.tables)
  const rows = tables.reduce((sum, table) => sum + table.rows, 0)
  const back =
    rows === 0
      ? ''
      : `; ${rows} rows of ${new Set(tables.map(({ table }) => table)).size} tables brought back`
  return /^none\b/.test(lost) ? lost.replace(/^none\b/, 'none lost') : `lost: ${lost}${back}`
}

function resolutionOf(incident: Incident, state: ServiceState): string | null {
  const run = incident.runs.findLast(({ status }) => status === 'succeeded')
  const how =
    run === undefined
      ? null
      : `${run.verb === 'rollback' ? 'Rolled back' : 'Deployed'} to version ${nameOf(state, run.to)}`
  const said = incident.resolution
  return how === null ? said : said === null ? how : `${how}; ${said}`
}

function timelineOf(
  { times, runs, release, target }: Incident,
  state: ServiceState,
): { time: string; text: string }[] {
  const run = runs.at(-1)
  const expected =
    times.switched === null && run?.status === 'running' && run.verb === 'rollback'
      ? new Date(Date.parse(run.startedAt) + run.plan.untilSwitched.ms).toISOString()
      : null
  const entries: [string | null, string][] = [
    [times.deployed, `${nameOf(state, release) ?? 'the release'} went live`],
    [times.failingSince, 'Failing since'],
    [times.detected, 'Issue detected'],
    [times.acknowledged, 'Acknowledged'],
    [times.rollbackStarted, 'Rollback initiated'],
    [expected, 'Rollback complete (estimated)'],
    [times.switched, `Traffic on ${nameOf(state, target) ?? 'another release'}`],
    [times.verified, 'Rollback complete and verified'],
    [times.resolved, 'Resolved'],
  ]
  return entries
    .flatMap(([at, text]) => (at === null ? [] : [{ at, text }]))
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at))
    .map(({ at, text }) => ({ time: exactTime(at, times.detected), text }))
}

function nextStepsOf(incident: Incident, state: ServiceState): { text: string }[] {
  const { review, release, actions } = incident
  const bad = findRelease(state, release)?.bad != null
  const steps = [
    review === null || review.cancelled
      ? 'Root cause analysis: to be scheduled'
      : `Root cause analysis: ${review.start.slice(0, 10)} ${clockTime(review.start)}, ${review.minutes} minutes`,
    bad
      ? `Fix in the next deployment: ${nameOf(state, release)} is marked bad and is not put out again`
      : 'Fix planned for the next deployment',
    ...actions
      .filter(({ done }) => done === null)
      .map(({ text, owner }) => (owner === null ? text : `${text} (${owner})`)),
  ]
  return steps.map((text) => ({ text }))
}

function between(from: string, to: string): number {
  return Math.max(0, Date.parse(to) - Date.parse(from))
}
