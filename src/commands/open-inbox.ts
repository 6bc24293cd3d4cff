import type { Alert } from '../domain/alertmanager.ts'
import type { EventData, EventType, NewEvent } from '../domain/event.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { eventOf } from '../executor/step-ports.ts'
import type { Lease } from '../ports/journal.ts'
import type { WatchSources } from '../ports/watch-sources.ts'
import { changesOf } from '../watch/record-suspicions.ts'
import { type Suspicion, suspicion } from '../watch/suspicion.ts'
import type { Session } from './session.ts'

/** Alertmanager's word: an alert that fires is a finding against what serves, and is over when it says so. Null: not wanted. */
export async function openInbox(
  session: Session,
  { alertInbox }: Pick<WatchSources, 'alertInbox'>,
  { listen, triggers }: Session['configuration']['watch'],
  lease: Lease,
): Promise<{ close(): Promise<void> } | null> {
  if (listen === null || triggers.alert === 'off') return null
  return alertInbox.open(listen, async ({ key, groupKey, alerts }) => {
    const state = await session.state()
    const { live } = state
    if (state.alertsTaken.includes(key)) return
    const names = (status: Alert['status']) =>
      alerts.filter((each) => each.status === status).map(({ name }) => name)
    const event = <T extends EventType>(type: T, data: EventData[T]): NewEvent =>
      eventOf({ actor: 'Alertmanager', clock: session.clock, state }, type, subjectOf(state), data)
    const changes = live === null ? [] : changesOf(alerts.map(suspicionOf), state.findings, live, triggers)
    // Together: what was taken is what became of it.
    await session.journal.append(
      [
        event('AlertsTaken', { key, groupKey, firing: names('firing'), resolved: names('resolved') }),
        ...changes.map(({ type, data }) => event(type, data)),
      ],
      lease,
    )
  })
}

const subjectOf = ({ service, live }: ServiceState) =>
  live === null ? `service/${service}` : `release/${live}`

function suspicionOf({ fingerprint, status, name, severity, summary, startsAt }: Alert): Suspicion {
  const text = summary === null ? name : `${name}: ${summary}`
  return suspicion({
    trigger: 'alert',
    key: fingerprint,
    status: status === 'firing' ? 'firing' : 'well',
    summary: status === 'firing' ? text : `${name} is resolved`,
    evidence: { alert: name, severity, startsAt },
    since: Date.parse(startsAt),
  })
}
