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
/** Nobody reads more; what is older is in the uptime. */
const MOST_INCIDENTS = 100
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
  const since = startOfDay(now) - (DAYS - 1) * DAY_MS
  const triggers = new Map(parts.findings.map((finding) => [finding.id, finding]))
  const shown = parts.incidents
    .filter(isPublic)
    .map((incident) => ({ incident, span: spanOf(incident, now) }))
    .filter(({ span }) => span.until >= since)
    .map(({ incident, span }): Shown => {
      const findings = incident.findings.flatMap((id) => triggers.get(id) ?? [])
      return { incident, span, findings, affects: affectedComponents(findings, configuration.components) }
    })
  const pages = shown
    .slice(-MOST_INCIDENTS)
    .map((one) => pageIncident(one, parts))
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
  findings: readonly Finding[]
  /** Names of components. */
  affects: readonly string[]
}

/** From the first failure until it was proven well again. */
function spanOf({ times, state, runs }: Incident, now: number): Span {
  const from = Date.parse(times.failingSince ?? times.detected)
  const mended = runs.filter(({ status }) => status === 'succeeded').length === 1 ? times.verified : null
  if (state !== 'monitoring' && PUBLIC_STATUS[state] !== 'resolved') return { from, until: now }
  const end = mended ?? times.resolved
  return { from, until: end === null ? now : Math.max(from, Date.parse(end)) }
}

function pageIncident({ incident, findings, affects }: Shown, parts: StatusPageParts): PageIncident {
  const impact = worstImpact(incident.severity)
  const corrupt = findings.some(({ trigger }) => trigger === 'corruption')
  return {
    number: Number(incident.id.slice(1)),
    title: `${affects.join(', ')}: ${COMPONENT_WORDS[impact].toLowerCase()}`,
    components: [...affects],
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
  { begin, now }: StatusPageParts,
): PageComponent {
  const mine = shown.filter(({ affects }) => affects.includes(name))
  const active = mine.filter(({ incident }) => isActive(incident)).map(({ incident }) => impactOf(incident))
  const first = begin === null ? now : Date.parse(begin)
  return {
    name,
    description,
    state: worstOf(active),
    uptime: uptimeOf(mine, first, now),
    days: daysOf(mine, first, now),
  }
}

/** Each day with the worst that was in it, and for how long. */
function daysOf(mine: readonly Shown[], first: number, now: number): PageDay[] {
  const begin = startOfDay(now) - (DAYS - 1) * DAY_MS
  const days = Array.from({ length: DAYS }, (_, i): PageDay => {
    const start = begin + i * DAY_MS
    const state = start + DAY_MS <= first ? null : 'operational'
    return { date: new Date(start).toISOString().slice(0, 10), state, affectedMs: 0 }
  })
  for (const { incident, span } of mine) {
    const impact = worstImpact(incident.severity)
    for (let i = Math.max(0, Math.floor((span.from - begin) / DAY_MS)); i < DAYS; i++) {
      const day = days[i]
      const start = begin + i * DAY_MS
      if (day === undefined || start >= span.until) break
      const ms = Math.min(span.until, start + DAY_MS) - Math.max(span.from, start)
      day.affectedMs = Math.min(DAY_MS, day.affectedMs + Math.max(0, ms))
      if (day.state !== null) day.state = worstOf([day.state, impact])
    }
  }
  return days
}

/** Of the days shown, as far back as anything is known. Two incidents at once are no longer than one. */
function uptimeOf(mine: readonly Shown[], first: number, now: number): number | null {
  const from = Math.max(first, startOfDay(now) - (DAYS - 1) * DAY_MS)
  if (now <= from) return null
  const within = (at: number) => Math.min(now, Math.max(from, at))
  const edges = mine
    .map(({ incident, span }) => ({ span, weight: WEIGHTS[worstImpact(incident.severity)] }))
    .filter(({ weight }) => weight > 0)
    .flatMap(({ span, weight }) => [
      { at: within(span.from), weight, by: 1 },
      { at: within(span.until), weight, by: -1 },
    ])
    .sort((a, b) => a.at - b.at)
  const open = new Map<number, number>()
  let down = 0
  let before = from
  for (const { at, weight, by } of edges) {
    down += (at - before) * Math.max(0, ...[...open].map(([one, count]) => (count > 0 ? one : 0)))
    open.set(weight, (open.get(weight) ?? 0) + by)
    before = at
  }
  return 1 - down / (now - from)
}

function startOfDay(at: number): number {
  return Math.floor(at / DAY_MS) * DAY_MS
}
