import type { NewEvent } from '../domain/event.ts'
import { isActive } from '../domain/incident/incident.ts'
import { composeMessage } from '../domain/notify/compose-message.ts'
import { dueMoments, type Moment, promisedUpdate, TOO_OLD_MS } from '../domain/notify/moments.ts'
import { routeMessage } from '../domain/notify/route.ts'
import type { TemplateSet } from '../domain/notify/template-set.ts'
import type { OutboxPorts } from './outbox-ports.ts'
import type { Told } from './told.ts'

/** What is to be told and was not queued yet, in words. Where nobody is to be told, it is left. */
export async function queueDue(ports: OutboxPorts, told: Told, templates: TemplateSet): Promise<NewEvent[]> {
  const now = ports.clock.now()
  const { notify, statusPage } = ports
  const events: NewEvent[] = []
  for (const moment of dueMoments(told.state, told.log.incidents, told.outbox, now)) {
    const { occasion, incident } = moment
    const message = composeMessage(moment, {
      state: told.state,
      notify,
      statusPage,
      templates,
      person: (name) => ports.person(name),
      calendar: occasion === 'review' && incident !== null ? await ports.invite(incident) : null,
      nextUpdate: promiseWith(moment, ports, now),
      now,
    })
    if (message !== null) events.push(told.event('MessageQueued', message.incident, { message }))
  }
  return events
}

/** A message promises the next one. */
function promiseWith({ incident, update }: Moment, { notify }: OutboxPorts, now: number): string | null {
  if (incident === null || !isActive(incident)) return null
  if (update !== undefined && incident.nextUpdate !== null) return incident.nextUpdate
  return new Date(now + notify.updateEveryMs).toISOString()
}

/** Promises that were not kept: each is noted once, and that is told, too. */
export function missedPromises({ notify, clock }: OutboxPorts, told: Told): NewEvent[] {
  return told.log.incidents.flatMap((incident) => {
    if (incident.drill || (notify.sinks.length === 0 && incident.nextUpdate === null)) return []
    const promised = promisedUpdate(incident, told.outbox, notify)
    if (promised === null || Date.parse(promised) > clock.now()) return []
    if (incident.missedUpdates.includes(promised)) return []
    return [told.event('IncidentUpdateMissed', incident.id, { incident: incident.id, promised })]
  })
}

/** Nobody has to remember that there is to be a review: it is set with the end. A drill's is set when it is closed. */
export function dueReviews({ clock, review }: OutboxPorts, told: Told): NewEvent[] {
  return told.log.incidents.flatMap((incident) => {
    const { id, state, times, drill } = incident
    if (state !== 'resolved' || incident.review !== null || drill) return []
    if (clock.now() - Date.parse(times.resolved ?? '') > TOO_OLD_MS) return []
    return [told.event('ReviewScheduled', id, { incident: id, ...review(incident) })]
  })
}

/** Whoever is to be paged by now. A drill pages nobody. */
export async function duePages({ nextPage, clock, notify }: OutboxPorts, told: Told): Promise<NewEvent[]> {
  const events: NewEvent[] = []
  for (const incident of told.log.incidents.filter((one) => isActive(one) && !one.drill)) {
    const { severity } = incident
    // Nobody is called paged whom no page can reach.
    const ways = routeMessage(notify.sinks, { occasion: 'page', drill: false, severity, publicUpdate: true })
    if (ways.length === 0) continue
    const page = await nextPage(incident)
    if (page === null || page.at > clock.now()) continue
    const { person, rung, round, reason } = page
    events.push(
      told.event('PersonPaged', incident.id, { incident: incident.id, person, rung, round, reason }),
    )
  }
  return events
}
