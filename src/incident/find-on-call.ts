import { type ContactsConfiguration, findPerson } from '../domain/contacts/contacts.ts'
import { type Duty, onCallNow } from '../domain/contacts/on-call.ts'
import type { CommandRunner } from '../ports/command-runner.ts'

export interface OnCallAnswer {
  duty: Duty | null
  /** Why the command could not be believed, and the rotation is; null: all is well. */
  problem: string | null
}

const TIMEOUT_MS = 10_000

/** Who is on call now. A command that fails or names nobody we know leaves the rotation in force: somebody must be woken. */
export async function findOnCall(
  contacts: ContactsConfiguration,
  now: number,
  runner: CommandRunner,
  env: Readonly<Record<string, string | undefined>>,
): Promise<OnCallAnswer> {
  const { onCall } = contacts
  if (onCall === null) return { duty: null, problem: null }
  const rotation = onCallNow(onCall, now)
  const [program, ...args] = onCall.command ?? []
  if (program === undefined) return { duty: rotation, problem: null }
  const ran = await runner.run({ program, args, env: definedIn(env), timeoutMs: TIMEOUT_MS })
  const said = ran.stdout.trim().split('\n')[0]?.trim() ?? ''
  if (ran.outcome !== 'exited' || ran.exitCode !== 0) {
    const how = ran.outcome === 'exited' ? `exit code ${ran.exitCode}` : ran.outcome
    return { duty: rotation, problem: `${program} did not say who is on call: ${how}` }
  }
  const person = said === '' ? null : findPerson(contacts, said)
  if (person === null)
    return {
      duty: rotation,
      problem: `${program} says ${JSON.stringify(said)}, who is nobody of contacts.people`,
    }
  return { duty: { person, until: null, why: 'command' }, problem: null }
}

function definedIn(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}
