import type { ContactsConfiguration, Person } from '../domain/contacts/contacts.ts'
import { whoIs } from '../domain/contacts/escalation.ts'
import type { Duty } from '../domain/contacts/on-call.ts'
import { showWallClock, wallClock } from '../domain/zoned-time.ts'
import { formatMs } from './format.ts'

/** Paper has no links and no colours; a card of this width fits on a pocket page. */
const WIDTH = 72

/** Who is called, in which order, and how: to be read in the dark, and to hang on a wall. */
export function contactsCard(
  service: string,
  contacts: ContactsConfiguration,
  duty: Duty | null,
  now: number,
): string[] {
  const zone = contacts.onCall?.timeZone ?? 'UTC'
  const onCall = duty?.person ?? null
  const rungs = contacts.ladder.map((rung) => ({ rung, person: whoIs(rung, contacts, onCall) }))
  const others = Object.keys(contacts.people).filter((id) => rungs.every(({ person }) => person !== id))
  const until = duty?.until ?? null
  return [
    '='.repeat(WIDTH),
    `EMERGENCY CONTACTS: ${service}`,
    `as of ${showWallClock(wallClock(now, zone))} ${zone}`,
    '='.repeat(WIDTH),
    '',
    ...rungs.flatMap(({ rung, person }, index) => [
      `${index + 1}. ${titleOf(rung)}${rung === 'on-call' && until !== null ? ` (until ${showWallClock(wallClock(until, zone))})` : ''}`,
      ...(person === null ? ['      nobody'] : personLines(contacts.people[person])),
      '',
    ]),
    ...(others.length === 0
      ? []
      : ['OTHERS', ...others.flatMap((id) => [...personLines(contacts.people[id]), ''])]),
    `No answer after ${formatMs(contacts.climbAfterMs)}: call the next one. At the end begin again.`,
    ...(contacts.statusPage === null ? [] : [`Status page: ${contacts.statusPage}`]),
    'To say that you have it: lastgood incident ack',
    '='.repeat(WIDTH),
  ]
}

function titleOf(rung: string): string {
  if (rung === 'on-call') return 'On-Call Engineer'
  if (/^[a-z]{1,3}$/.test(rung)) return rung.toUpperCase()
  return rung
    .split(/[-_ ]/)
    .map((word) => (word === 'devops' ? 'DevOps' : word.charAt(0).toUpperCase() + word.slice(1)))
    .join(' ')
}

function personLines(person: Person | undefined): string[] {
  if (person === undefined) return ['      nobody']
  const { name, phone, email, slack, timeZone } = person
  const ways = [phone, email, slack === null ? null : `Slack ${slack}`].filter((way) => way !== null)
  return [
    `      ${name}${timeZone === null ? '' : ` (${timeZone})`}`,
    ...(ways.length === 0 ? ['      no way to reach is written down'] : ways.map((way) => `      ${way}`)),
  ]
}
