import { expect, test } from 'vitest'
import { ExecaRunner } from '../command-runner/execa-runner.ts'
import { NO_CONTACTS } from '../domain/contacts/contacts.ts'
import { findOnCall } from './find-on-call.ts'

const person = { name: 'Ann Lee', phone: null, email: null, slack: null, timeZone: null, users: [] }

async function ask(script: string) {
  const onCall = {
    people: ['bob'],
    every: 'week' as const,
    handover: '09:00',
    since: '2026-03-02',
    timeZone: 'UTC',
    overrides: [],
    command: ['node', '-e', script],
  }
  const contacts = { ...NO_CONTACTS, people: { ann: person, bob: person }, onCall }
  const { duty, problem } = await findOnCall(
    contacts,
    Date.parse('2026-03-04'),
    new ExecaRunner(),
    process.env,
  )
  return [duty?.person, duty?.why, problem]
}

test('the command says who; where it does not, the rotation does, and that is said', async () => {
  expect(await ask('console.log("Ann Lee")')).toEqual(['ann', 'command', null])
  expect(await ask('console.log("eve")')).toEqual([
    'bob',
    'rotation',
    'node says "eve", who is nobody of contacts.people',
  ])
  expect(await ask('process.exit(3)')).toEqual([
    'bob',
    'rotation',
    'node did not say who is on call: exit code 3',
  ])
})
