import { whoIs } from '../domain/contacts/escalation.ts'
import { type Finding, passed, warned } from './finding.ts'
import type { Session } from './session.ts'

/** Would somebody be found, and could the caches be emptied? */
export async function diagnoseIncident(session: Session): Promise<Finding[]> {
  return [await checkContacts(session), ...(await checkCaches(session))]
}

async function checkContacts(session: Session): Promise<Finding> {
  const { contacts } = session.configuration
  if (Object.keys(contacts.people).length === 0)
    return warned(
      'contacts',
      'nobody is named: nobody can be paged',
      'add contacts.people (docs/incidents.md)',
    )
  const { duty, problem } = await session.onCall()
  if (problem !== null)
    return warned('contacts', `${problem}; the rotation says who`, 'try contacts.onCall.command by hand')
  const rungs = contacts.ladder.flatMap((rung) => whoIs(rung, contacts, duty?.person ?? null) ?? [])
  if (rungs.length === 0)
    return warned(
      'contacts',
      'no rung of contacts.ladder is anybody',
      'set contacts.onCall, or contacts.roles',
    )
  const unreachable = rungs.filter((id) => !contacts.people[id]?.phone && !contacts.people[id]?.email)
  if (unreachable.length > 0)
    return warned(
      'contacts',
      `${unreachable.join(', ')}: no phone and no address`,
      'complete contacts.people',
    )
  return passed(
    'contacts',
    `${duty === null ? 'nobody is on call' : `${duty.person} is on call`}; ladder ${[...new Set(rungs)].join(', ')}`,
  )
}

async function checkCaches({ cache }: Session): Promise<Finding[]> {
  if (cache === null) return []
  const results = await cache.check(new AbortController().signal)
  return results.map(({ what, ok, detail }) =>
    ok
      ? passed('cache', `${what} ${detail}`)
      : warned(
          'cache',
          `${what}: ${detail}`,
          'see cache.redis in the configuration; a rollback goes on without',
        ),
  )
}
