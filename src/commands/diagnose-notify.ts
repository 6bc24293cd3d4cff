import { type Outbox, pendingOf } from '../domain/notify/outbox.ts'
import { compileTemplates } from '../domain/notify/template-set.ts'
import { countOf, formatAge } from '../render/format.ts'
import { type Finding, passed, warned } from './finding.ts'
import { readOutbox } from './read-outbox.ts'
import type { Session } from './session.ts'

/** Would anybody hear of it? */
export async function diagnoseNotify(session: Session): Promise<Finding[]> {
  const { notify } = session.configuration
  if (notify.sinks.length === 0)
    return [
      warned(
        'messages',
        'no sink is configured: nobody would be told',
        'add notify.sinks (docs/messages.md)',
      ),
    ]
  return [await checkSinks(session), await checkTemplates(session)]
}

async function checkSinks(session: Session): Promise<Finding> {
  const { configuration, clock } = session
  const names = configuration.notify.sinks.map(({ name }) => name)
  const outbox = await readOutbox(session)
  const stuck = pendingOf(outbox, names).filter(({ delivery }) => delivery.attempts > 0)
  const [oldest] = stuck
  if (oldest !== undefined) {
    const since = formatAge(oldest.entry.queuedAt, clock.now())
    const text = `${countOf(stuck.length, 'message')} not through, the first queued ${since}, to ${oldest.sink}: ${oldest.delivery.note}`
    return warned('messages', text, 'lastgood notify test')
  }
  const failed = names.filter((name) => lastOf(outbox, name)?.status === 'failed')
  if (failed.length > 0)
    return warned('messages', `the last message to ${failed.join(', ')} failed`, 'lastgood notify test')
  return passed('messages', `go to ${names.join(', ')}`)
}

function lastOf(outbox: Outbox, sink: string) {
  return [...outbox.values()].findLast(({ deliveries }) => deliveries.has(sink))?.deliveries.get(sink)
}

async function checkTemplates(session: Session): Promise<Finding> {
  const own = await (await session.notify()).templates()
  const { problems } = compileTemplates(own)
  const { templates } = session.configuration.notify
  if (problems.length > 0)
    return warned(
      'templates',
      `${problems.join('; ')}. The built-in ones are used in their place.`,
      `mend them in ${templates}, or take them away`,
    )
  if (own.size > 0) return passed('templates', `${countOf(own.size, 'template')} of your own`)
  return templates === null
    ? passed('templates', 'the built-in ones')
    : warned(
        'templates',
        `${templates} has none: the built-in ones are used`,
        `lastgood notify templates ${templates}`,
      )
}
