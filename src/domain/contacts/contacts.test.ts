import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { journalOf } from '../../../test/support/incident-journal.ts'
import { foldIncidents } from '../incident/fold-incidents.ts'
import { type ContactsConfiguration, findPerson, NO_CONTACTS, type OnCall } from './contacts.ts'
import { nextPage } from './escalation.ts'
import { onCallNow } from './on-call.ts'

const onCall: OnCall = {
  people: ['ann', 'bob', 'cara'],
  every: 'week',
  handover: '09:00',
  since: '2026-03-02',
  timeZone: 'Europe/Berlin',
  overrides: [],
  command: null,
}
const at = (iso: string) => Date.parse(iso)
const until = (duty: { until: number | null } | null) => new Date(duty?.until ?? 0).toISOString()

describe('who is on call', () => {
  test('a turn goes from handover to handover by the clock on the wall, whatever the clocks do', () => {
    expect(onCallNow(onCall, at('2026-03-02T07:59:59Z'))).toMatchObject({ person: 'cara' })
    expect(onCallNow(onCall, at('2026-03-02T08:00:00Z'))).toMatchObject({ person: 'ann' })
    // Summer time begins on 29 March: nine o'clock is seven UTC from then on.
    const before = onCallNow(onCall, at('2026-03-29T12:00:00Z'))
    expect([before?.person, until(before)]).toEqual(['ann', '2026-03-30T07:00:00.000Z'])
    expect(onCallNow(onCall, at('2026-03-30T07:00:00Z'))).toMatchObject({ person: 'bob' })
    expect(onCallNow({ ...onCall, every: 'day' }, at('2026-03-04T08:00:00Z'))).toMatchObject({
      person: 'cara',
    })
  })

  test('an override wins while it lasts, and says when the turn goes on', () => {
    const overrides = [{ person: 'bob', from: '2026-03-03T20:00', until: '2026-03-04T08:00' }]
    const swapped = { ...onCall, overrides }
    const before = onCallNow(swapped, at('2026-03-03T18:00:00Z'))
    expect([before?.person, until(before)]).toEqual(['ann', '2026-03-03T19:00:00.000Z'])
    const during = onCallNow(swapped, at('2026-03-03T19:00:00Z'))
    expect([during?.person, during?.why, until(during)]).toEqual([
      'bob',
      'override',
      '2026-03-04T07:00:00.000Z',
    ])
    expect(onCallNow(swapped, at('2026-03-04T07:00:00Z'))).toMatchObject({ person: 'ann', why: 'rotation' })
  })

  test('at any moment, in any zone, somebody is, until the next one is', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
    )
    const moment = fc.integer({ min: at('2020-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') })
    fc.assert(
      fc.property(zone, moment, fc.constantFrom('00:30', '02:30', '09:00'), (timeZone, now, handover) => {
        const rotation = { ...onCall, timeZone, handover, every: 'day' as const }
        const duty = onCallNow(rotation, now)
        const next = duty?.until ?? 0
        expect(next).toBeGreaterThan(now)
        expect(next - now).toBeLessThanOrEqual(25 * 3_600_000)
        expect(onCallNow(rotation, next - 1)?.person).toBe(duty?.person)
        const places = [duty?.person, onCallNow(rotation, next)?.person].map((name) =>
          onCall.people.indexOf(name ?? ''),
        )
        expect(places[1]).toBe(((places[0] ?? 0) + 1) % 3)
      }),
    )
  })
})

const person = { name: '', phone: null, email: null, slack: null, timeZone: null, users: [] }
const contacts: ContactsConfiguration = {
  ...NO_CONTACTS,
  people: {
    ann: { ...person, name: 'Ann Lee', email: 'a@x.org' },
    bob: { ...person, users: ['deploy'] },
    cto: person,
  },
  roles: { 'devops-lead': 'bob' },
  climbAfterMs: 300_000,
  rounds: 2,
}

test('a person is found by short name, name, address or account', () => {
  const found = ['ANN', 'ann lee', 'a@x.org', 'ann@web1', 'deploy@web1', 'bob@web1', 'eve'].map((word) =>
    findPerson(contacts, word),
  )
  expect(found).toEqual(['ann', 'ann', 'ann', 'ann', 'bob', null, null])
})

describe('whom to page', () => {
  const opened = (severity: 1 | 2 | 3 | 4 | 5 = 2) =>
    [
      'IncidentOpened',
      { title: 'down', severity, release: null, drill: false },
      { at: '2026-03-01T03:00:00.000Z' },
    ] as const
  const paged = (name: string, rung: number, round: number, when: string) =>
    ['PersonPaged', { incident: 'i1', person: name, rung, round, reason: 'x' }, { at: when }] as const
  const due = (...facts: Parameters<typeof journalOf>) => {
    const [incident] = foldIncidents('store', journalOf(...facts)).incidents
    const page = incident === undefined ? null : nextPage(incident, contacts, 'ann')
    return page && [page.person, page.rung, page.round, new Date(page.at).toISOString().slice(11, 16)]
  }

  test('the one on call at once, the next after five minutes, and round again', () => {
    expect(due([...opened()])).toEqual(['ann', 0, 0, '03:00'])
    const first = paged('ann', 0, 0, '2026-03-01T03:00:00.000Z')
    expect(due([...opened()], [...first])).toEqual(['bob', 1, 0, '03:05'])
    const second = paged('bob', 1, 0, '2026-03-01T03:05:00.000Z')
    const third = paged('cto', 2, 0, '2026-03-01T03:10:00.000Z')
    expect(due([...opened()], [...first], [...second], [...third])).toEqual(['ann', 0, 1, '03:15'])
    const all = [0, 1].flatMap((round) =>
      ['ann', 'bob', 'cto'].map(
        (name, rung) => [...paged(name, rung, round, '2026-03-01T04:00:00.000Z')] as const,
      ),
    )
    expect(due([...opened()], ...all.map((each) => [...each] as Parameters<typeof journalOf>[0]))).toBeNull()
  })

  test('a no climbs at once; a yes, the end, and what can wait for the morning page nobody', () => {
    const first = paged('ann', 0, 0, '2026-03-01T03:00:00.000Z')
    const no = [
      'PageDeclined',
      { incident: 'i1', person: 'ann', reason: 'on a train' },
      { at: '2026-03-01T03:01:00.000Z' },
    ] as const
    expect(due([...opened()], [...first], [...no])).toEqual(['bob', 1, 0, '03:01'])
    expect(
      due([...opened()], [...first], ['IncidentAcknowledged', { incident: 'i1', person: 'ann' }]),
    ).toBeNull()
    expect(due([...opened()], ['IncidentResolved', { incident: 'i1', text: 'x' }])).toBeNull()
    expect(due([...opened(4)])).toBeNull()
  })

  test('a rung that is nobody is left out, and who stands on two is asked once a round', () => {
    const first = paged('ann', 0, 0, '2026-03-01T03:00:00.000Z')
    const [fresh] = foldIncidents('store', journalOf([...opened()])).incidents
    const [asked] = foldIncidents('store', journalOf([...opened()], [...first])).incidents
    if (fresh === undefined || asked === undefined) throw new Error('none')
    const ladder = ['on-call', 'nobody', 'ann', 'bob']
    expect(nextPage(fresh, { ...contacts, ladder }, null)?.person).toBe('ann')
    expect(nextPage(asked, { ...contacts, ladder }, 'ann')).toMatchObject({
      person: 'bob',
      rung: 3,
      round: 0,
    })
    expect(nextPage(fresh, { ...contacts, people: {} }, null)).toBeNull()
  })
})
