import type { Finding } from '../finding.ts'
import { type Incident, isActive } from '../incident/incident.ts'
import { PUBLIC_HEADLINES } from './customer-view.ts'
import type { ComponentStatus, PublicStatus } from './message.ts'
import { oneLine } from './message-text.ts'
import {
  affectedComponents,
  COMPONENT_WORDS,
  impactOf,
  PUBLIC_STATUS,
  publicDataSentence,
  worstImpact,
  worstOf,
} from './public-view.ts'
import type { PublicComponent, StatusPageConfiguration } from './status-page-configuration.ts'

/** All that customers see, and nothing else: the page, the feeds and `status.json` are made of this and have no other source. */
export interface StatusPage {
  title: string
  url: string | null
  asOf: string
  overall: ComponentStatus
  components: PageComponent[]
  /** Going on, newest first. */
  current: PageIncident[]
  /** Over, newest first, of the days shown. */
  past: PageIncident[]
}

export interface PageComponent {
  name: string
  description: string | null
  state: ComponentStatus
  /** 0 to 1 over the days that are known; null: none is. */
  uptime: number | null
  /** Oldest first. */
  days: PageDay[]
}

export interface PageDay {
  /** `2026-11-23`, UTC. */
  date: string
  /** The worst of the day; null: nothing is known of it. */
  state: ComponentStatus | null
  affectedMs: number
}

export interface PageIncident {
  number: number
  title: string
  components: string[]
  impact: ComponentStatus
  status: PublicStatus
  startedAt: string
  resolvedAt: string | null
  /** Whether data was lost, how much, or that none was. */
  data: string
  nextUpdate: string | null
  /** Newest first. */
  updates: { at: string; status: PublicStatus; text: string }[]
}

export const DAYS = 90
const DAY_MS = 24 * 60 * 60_000

/** How much of the time counts as down, as OpenStatus weighs it. */
const WEIGHTS: Record<ComponentStatus, number> = {
  operational: 0,
  degraded: 0,
  'partial-outage': 0.5,
  'major-outage': 1,
}

export interface StatusPageParts {
  configuration: StatusPageConfiguration
  incidents: readonly Incident[]
  findings: readonly Finding[]
  /** By when the next word is promised. */
  promisedFor(incident: Incident): string | null
  /** When anything began to be known; null: nothing is. */
  begin: string | null
  /** Epoch ms. */
  now: number
}

export function composeStatusPage(parts: StatusPageParts): StatusPage {
  const { configuration, now } = parts
  const shown = parts.incidents
    .filter(isPublic)
    .map((incident) => ({ incident, span: spanOf(incident, now) }))
  const since = startOfDay(now) - (DAYS - 1) * DAY_MS
  const pages = shown
    .filter(({ span }) => span.until >= since)
    .map(({ incident }) => pageIncident(incident, parts))
    .reverse()
  const components = configuration.components.map((component) => pageComponent(component, shown, parts))
  return {
    title: configuration.title,
    url: configuration.url,
    asOf: new Date(now).toISOString(),
    overall: worstOf(components.map(({ state }) => state)),
    components,
    current: pages.filter(({ status }) => status !== 'resolved'),
    past: pages.filter(({ status }) => status === 'resolved'),
  }
}

/** A drill, what was none, and what nobody feels is nobody's business. */
function isPublic({ drill, state, severity }: Incident): boolean {
  return !drill && state !== 'dismissed' && severity < 5
}

interface Span {
  from: number
  until: number
}

interface Shown {
  incident: Incident
  span: Span
}

/** From the first failure until it was proven well again. */
function spanOf({ times, state, runs }: Incident, now: number): Span {
  const from = Date.parse(times.failingSince ?? times.detected)
  const mended = runs.filter(({ status }) => status === 'succeeded').length === 1 ? times.verified : null
  if (state !== 'monitoring' && PUBLIC_STATUS[state] !== 'resolved') return { from, until: now }
  const end = mended ?? times.resolved
  return { from, until: end === null ? now : Math.max(from, Date.parse(end)) }
}

function pageIncident(incident: Incident, parts: StatusPageParts): PageIncident {
  const { findings, configuration } = parts
  const components = affectedComponents(incident, findings, configuration.components)
  const impact = worstImpact(incident.severity)
  const corrupt = findings.some(
    ({ id, trigger }) => incident.findings.includes(id) && trigger === 'corruption',
  )
  return {
    number: Number(incident.id.slice(1)),
    title: `${components.join(', ')}: ${COMPONENT_WORDS[impact].toLowerCase()}`,
    components,
    impact,
    status: PUBLIC_STATUS[incident.state],
    startedAt: incident.times.failingSince ?? incident.times.detected,
    resolvedAt: incident.times.resolved,
    data: publicDataSentence(incident, corrupt),
    nextUpdate: isActive(incident) ? parts.promisedFor(incident) : null,
    updates: updatesOf(incident),
  }
}

/** What happened, in fixed words; and in a person's own where that person has called them public. */
function updatesOf({ times, updates, state }: Incident): PageIncident['updates'] {
  const own = (at: string | null, status: PublicStatus, text: string | null) =>
    at === null || text === null ? [] : [{ at, status, text: `${text}.` }]
  const statusAt = (at: string): PublicStatus => {
    if (times.resolved !== null && at >= times.resolved) return 'resolved'
    if (times.verified !== null && at >= times.verified) return 'monitoring'
    return times.rollbackStarted !== null && at >= times.rollbackStarted ? 'identified' : 'investigating'
  }
  return [
    ...own(times.detected, 'investigating', PUBLIC_HEADLINES.opened),
    ...own(times.rollbackStarted, 'identified', PUBLIC_HEADLINES['rollback-started']),
    ...own(times.verified, 'monitoring', PUBLIC_HEADLINES['rolled-back']),
    ...(PUBLIC_STATUS[state] === 'resolved'
      ? own(times.resolved, 'resolved', PUBLIC_HEADLINES.resolved)
      : []),
    ...updates
      .filter((update) => update.public)
      .map(({ at, text }) => ({ at, status: statusAt(at), text: oneLine(text, 2_000) })),
  ].sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
}

function pageComponent(
  { name, description }: PublicComponent,
  shown: readonly Shown[],
  { configuration, findings, begin, now }: StatusPageParts,
): PageComponent {
  const mine = shown.filter(({ incident }) =>
    affectedComponents(incident, findings, configuration.components).includes(name),
  )
  const active = mine.filter(({ incident }) => isActive(incident)).map(({ incident }) => impactOf(incident))
  const first = begin === null ? now : Date.parse(begin)
  const today = startOfDay(now)
  const days = Array.from({ length: DAYS }, (_, i) => pageDay(today - (DAYS - 1 - i) * DAY_MS, mine, first))
  return { name, description, state: worstOf(active), uptime: uptimeOf(mine, first, now), days }
}

function pageDay(start: number, mine: readonly Shown[], first: number): PageDay {
  const date = new Date(start).toISOString().slice(0, 10)
  if (start + DAY_MS <= first) return { date, state: null, affectedMs: 0 }
  const parts = mine
    .map(({ incident, span }) => ({
      impact: worstImpact(incident.severity),
      ms: overlap(span, { from: start, until: start + DAY_MS }),
    }))
    .filter(({ ms }) => ms > 0)
  const affectedMs = parts.reduce((sum, { ms }) => sum + ms, 0)
  return { date, state: worstOf(parts.map(({ impact }) => impact)), affectedMs: Math.min(DAY_MS, affectedMs) }
}

/** Of the days shown, as far back as anything is known. Two incidents at once are no longer than one. */
function uptimeOf(mine: readonly Shown[], first: number, now: number): number | null {
  const from = Math.max(first, startOfDay(now) - (DAYS - 1) * DAY_MS)
  const whole = now - from
  if (whole <= 0) return null
  const points = [...new Set(mine.flatMap(({ span }) => [span.from, span.until]))]
    .map((at) => Math.min(now, Math.max(from, at)))
    .sort((a, b) => a - b)
  let down = 0
  for (const [i, at] of points.entries()) {
    const next = points[i + 1]
    if (next === undefined || next <= at) continue
    const weights = mine
      .filter(({ span }) => span.from <= at && span.until >= next)
      .map(({ incident }) => WEIGHTS[worstImpact(incident.severity)])
    down += (next - at) * Math.max(0, ...weights)
  }
  return 1 - down / whole
}

function overlap(one: Span, other: Span): number {
  return Math.max(0, Math.min(one.until, other.until) - Math.max(one.from, other.from))
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS
}
