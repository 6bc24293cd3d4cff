import { applyToOutbox, type Outbox } from '../domain/notify/outbox.ts'
import type { Session } from './session.ts'

/** Every message of this service, with what became of it. */
export async function readOutbox({ journal, service }: Session): Promise<Outbox> {
  const outbox: Outbox = new Map()
  await journal.each({}, (event) => {
    if (event.service === service) applyToOutbox(outbox, event)
  })
  return outbox
}
