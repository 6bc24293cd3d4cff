import { expect, test } from 'vitest'
import { badReleaseFacts, type Fact, journalOf } from '../../../test/support/incident-journal.ts'
import { foldIncidents } from '../incident/fold-incidents.ts'
import type { Reader } from './message.ts'

const told = (reader: Reader): Fact => [
  'MessageConfirmed',
  { id: 'x', sink: 'ops', occasion: 'update', reader, attempt: 1, note: 'posted', receipt: null },
  { subject: 'incident/i1' },
]

function evidenceAfter(...facts: Fact[]): string[] {
  const [incident] = foldIncidents('store', journalOf(...facts)).incidents
  return Object.keys(incident?.evidence ?? {}).filter((item) => /notified|updated/.test(item))
}

test('what has arrived ticks who was told; after the switch it is an update, and customers are users', () => {
  const facts = badReleaseFacts()
  const before = facts.slice(0, 8)
  expect(evidenceAfter(...before)).toEqual([])
  expect(evidenceAfter(...before, told('responders'))).toEqual(['team-notified'])
  expect(evidenceAfter(...before, told('customers'))).toEqual([])
  expect(evidenceAfter(...facts, told('executives'))).toEqual(['team-notified', 'team-updated'])
  expect(evidenceAfter(...facts, told('customers'))).toEqual(['users-notified'])
  const page: Fact = [
    'StatusPagePublished',
    { incident: 'i1', status: 'monitoring', impact: 'degraded' },
    { subject: 'incident/i1' },
  ]
  expect(evidenceAfter(...before, page)).toEqual([])
  expect(evidenceAfter(...facts, page)).toEqual(['users-notified'])
})
