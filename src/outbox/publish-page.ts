import { promisedUpdate } from '../domain/notify/moments.ts'
import { PUBLIC_STATUS } from '../domain/notify/public-view.ts'
import { composeStatusPage } from '../domain/notify/status-page.ts'
import type { Lease } from '../ports/journal.ts'
import type { OutboxPorts } from './outbox-ports.ts'
import type { Told } from './told.ts'

/** Writes the page as the journal has it, and notes it where customers see something new. */
export async function publishPage(ports: OutboxPorts, told: Told, lease: Lease): Promise<void> {
  const { statusPage: configuration, notify } = ports
  if (configuration === null) return
  const { incidents } = told.log
  const page = composeStatusPage({
    configuration,
    incidents,
    findings: told.state.findings,
    promisedFor: (incident) => promisedUpdate(incident, told.outbox, notify),
    begin: told.begin,
    now: ports.clock.now(),
  })
  if (!(await ports.publish(page))) return
  const first = page.current[0] ?? page.past[0]
  const incident = first === undefined ? null : `i${first.number}`
  const state = incidents.find(({ id }) => id === incident)?.state
  const status = state === undefined ? null : PUBLIC_STATUS[state]
  await told.append(
    lease,
    told.event('StatusPagePublished', incident, { incident, status, impact: page.overall }),
  )
}
