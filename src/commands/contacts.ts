import { whoIs } from '../domain/contacts/escalation.ts'
import { contactsCard } from '../render/contacts-card.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Who is on call now, and the card. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  if (session.configProblem) input.screen.warn(session.configProblem)
  const { contacts } = session.configuration
  const now = session.clock.now()
  const { duty, problem } = await session.onCall()
  if (problem !== null) input.screen.line(`! ${problem}; the rotation says who.`, 'yellow')
  input.screen.lines(contactsCard(session.service, contacts, duty, now))
  const ladder = contacts.ladder.map((rung) => ({
    rung,
    person: whoIs(rung, contacts, duty?.person ?? null),
  }))
  const { people, roles, statusPage } = contacts
  return { exit: 0, document: { onCall: duty, problem, ladder, people, roles, statusPage } }
}
