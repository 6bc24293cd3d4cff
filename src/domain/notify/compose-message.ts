import type { Incident } from '../incident/incident.ts'
import type { ServiceState } from '../service-state.ts'
import { customerView } from './customer-view.ts'
import type { Invite, MessageFacts, PagedPerson, PublicFacts, QueuedMessage, Reader } from './message.ts'
import { READERS } from './message.ts'
import type { MessageText } from './message-text.ts'
import type { Moment } from './moments.ts'
import type { NotifyConfiguration, SinkSettings } from './notify-configuration.ts'
import { publicFacts } from './public-view.ts'
import { routeMessage } from './route.ts'
import type { StatusPageConfiguration } from './status-page-configuration.ts'
import { headlineOf, isCorrupt, nameOf, teamView } from './team-view.ts'
import { renderTemplate, type View } from './template.ts'
import { type ChangeView, type TemplateSet, templateFor } from './template-set.ts'
import { roughly } from './words.ts'

export interface ComposeParts {
  state: ServiceState
  notify: NotifyConfiguration
  statusPage: StatusPageConfiguration | null
  templates: TemplateSet
  /** How a person can be reached. */
  person(name: string): PagedPerson
  /** Of a `review`: its calendar. Null: there is nobody to invite. */
  calendar: string | null
  /** By when the next word is promised, once this one is said. */
  nextUpdate: string | null
  now: number
}

/** A moment in words for each reader that has a sink; null: nobody is to be told. */
export function composeMessage(moment: Moment, parts: ComposeParts): QueuedMessage | null {
  const { incident, occasion } = moment
  const sinks = routeMessage(parts.notify.sinks, {
    occasion,
    drill: incident?.drill ?? false,
    severity: incident?.severity ?? null,
    publicUpdate: moment.update?.public ?? true,
  })
  if (sinks.length === 0) return null
  return incident === null
    ? changeMessage(moment, parts, sinks)
    : incidentMessage(moment, incident, parts, sinks)
}

function incidentMessage(
  moment: Moment,
  incident: Incident,
  parts: ComposeParts,
  sinks: readonly SinkSettings[],
): QueuedMessage {
  const { state, notify, statusPage, nextUpdate, now } = parts
  const facts = publicFacts(incident, state.findings, statusPage?.components ?? [])
  const view = teamView({
    service: state.service,
    state,
    incident,
    moment,
    nextUpdate,
    link: notify.link,
    now,
  })
  const forCustomers = customerView(statusPage?.title ?? state.service, moment.occasion, incident, facts, {
    nextUpdate,
    link: statusPage?.url ?? null,
    corrupt: isCorrupt(incident, state),
    now,
  })
  return {
    id: moment.id,
    occasion: moment.occasion,
    incident: incident.id,
    key: `lastgood-${state.service}-${incident.id}-${incident.key}`,
    drill: incident.drill,
    sinks: sinks.map(({ name }) => name),
    facts: factsOf(moment, incident, parts),
    texts: textsFor(sinks, (reader) =>
      render(parts.templates, moment, reader, reader === 'customers' ? forCustomers : view, incident.drill),
    ),
    public: publicPart(sinks, facts),
    person: moment.page === undefined ? null : parts.person(moment.page.person),
    ...invitePart(moment, incident, parts),
  }
}

function invitePart(
  { occasion }: Moment,
  { review }: Incident,
  { calendar }: ComposeParts,
): { invite?: Invite } {
  if (occasion !== 'review' || review === null || calendar === null) return {}
  const method = review.cancelled === null ? 'REQUEST' : 'CANCEL'
  return { invite: { method, calendar, to: review.attendees } }
}

/** A drill says so before anything else, whatever the template says. */
function render(
  templates: TemplateSet,
  { occasion }: Moment,
  reader: Reader,
  view: View,
  drill: boolean,
): MessageText {
  const text = renderTemplate(templates[templateFor(occasion, reader)], view)
  return drill ? { ...text, title: `[DRILL] ${text.title}` } : text
}

function textsFor(
  sinks: readonly SinkSettings[],
  write: (reader: Reader) => MessageText,
): Partial<Record<Reader, MessageText>> {
  const needed = READERS.filter((reader) => sinks.some((sink) => sink.reader === reader))
  return Object.fromEntries(needed.map((reader) => [reader, write(reader)]))
}

function publicPart(sinks: readonly SinkSettings[], facts: PublicFacts): PublicFacts | null {
  return sinks.some(({ reader }) => reader === 'customers') ? facts : null
}

function factsOf(moment: Moment, incident: Incident, parts: ComposeParts): MessageFacts {
  const { state, notify, nextUpdate } = parts
  const details = {
    headline: headlineOf(moment, state),
    release: nameOf(state, incident.release) ?? '',
    target: nameOf(state, incident.target) ?? '',
    findings: incident.findings.join(', '),
    dataLoss: incident.data.lost ?? 'none',
  }
  return {
    service: state.service,
    title: incident.title,
    severity: incident.severity,
    state: incident.state,
    at: moment.at,
    nextUpdate,
    link: notify.link,
    details: Object.fromEntries(Object.entries(details).filter(([, value]) => value !== '')),
  }
}

function changeMessage(moment: Moment, parts: ComposeParts, sinks: readonly SinkSettings[]): QueuedMessage {
  const { state, notify } = parts
  const { run } = moment
  const to = nameOf(state, run?.plan.to ?? null) ?? 'a release'
  const headline = run?.plan.verb === 'rollback' ? `rolled back to ${to}` : `${to} deployed`
  const release = state.releases.find(({ id }) => id === run?.plan.to)
  const details = {
    from: nameOf(state, run?.plan.from ?? null) ?? 'nothing',
    to,
    commit: release?.commit ?? '',
    change: release?.subject ?? '',
    by: run?.actor ?? '',
    reason: run?.reason ?? '',
    took: run?.endedAt ? roughly(Date.parse(run.endedAt) - Date.parse(run.startedAt)) : '',
  }
  const change = Object.entries(details)
    .filter(([, text]) => text !== '')
    .map(([label, text]) => ({ label, text }))
  const view: ChangeView = { service: state.service, headline, change }
  return {
    id: moment.id,
    occasion: moment.occasion,
    incident: null,
    key: moment.id,
    drill: false,
    sinks: sinks.map(({ name }) => name),
    facts: {
      service: state.service,
      title: headline,
      severity: null,
      state: null,
      at: moment.at,
      nextUpdate: null,
      link: notify.link,
      details: Object.fromEntries(change.map(({ label, text }) => [label, text])),
    },
    texts: textsFor(sinks, (reader) => render(parts.templates, moment, reader, view, false)),
    public: null,
    person: null,
  }
}
