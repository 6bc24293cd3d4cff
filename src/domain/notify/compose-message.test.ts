import fc from 'fast-check'
import { expect, test } from 'vitest'
import { badReleaseFacts, type Fact, journalOf } from '../../../test/support/incident-journal.ts'
import { foldOutbox, HOSTILE, settingsFor } from '../../../test/support/messages.ts'
import type { JournalEvent } from '../event.ts'
import { foldService } from '../fold-service.ts'
import { foldIncidents } from '../incident/fold-incidents.ts'
import { composeMessage } from './compose-message.ts'
import type { QueuedMessage } from './message.ts'
import { plainText } from './message-text.ts'
import { dueMoments, promisedUpdate } from './moments.ts'
import { INSIDE, NO_NOTIFY, type SinkSettings } from './notify-configuration.ts'
import { composeStatusPage } from './status-page.ts'
import { compileTemplates } from './template-set.ts'

const all: SinkSettings[] = Object.values(settingsFor('http://127.0.0.1:1'))
const executives: SinkSettings = { ...settingsFor('').console, name: 'boss', reader: 'executives' }
const notify = { ...NO_NOTIFY, sinks: [...all, executives] }
const statusPage = {
  folder: '/p',
  title: 'My store',
  url: 'https://status.example.org',
  components: [
    { name: 'Shop', description: null, affectedBy: [] },
    { name: 'Search', description: null, affectedBy: ['search works'] },
  ],
}
const { set: templates } = compileTemplates(new Map())
const at = (seconds: number) => Date.parse('2026-03-01T03:00:00.000Z') + seconds * 1_000

function told(events: readonly JournalEvent[], now: number, sinks = notify.sinks): QueuedMessage[] {
  const state = foldService('store', events)
  const { incidents } = foldIncidents('store', events)
  return dueMoments(state, incidents, foldOutbox(events), now).flatMap((moment) => {
    const person = (name: string) => ({ name, email: null, slack: null })
    const calendar = 'BEGIN:VCALENDAR'
    const nextUpdate = new Date(now + 1_200_000).toISOString()
    const message = composeMessage(moment, {
      ...{ state, notify: { ...notify, sinks }, statusPage, templates, person, calendar, nextUpdate, now },
    })
    return message === null ? [] : [message]
  })
}

const pageOf = (events: readonly JournalEvent[], now: number) =>
  composeStatusPage({
    configuration: statusPage,
    incidents: foldIncidents('store', events).incidents,
    findings: foldService('store', events).findings,
    promisedFor: () => null,
    begin: events[0]?.at ?? null,
    now,
  })

const opened = (changes: { title?: string; severity?: 1 | 2 | 3 | 5; drill?: boolean } = {}): Fact => [
  'IncidentOpened',
  { title: 'shop is slow', severity: 2, release: null, drill: false, ...changes },
]

test('from the first finding to the end: what is said, in order, with the times of the events', () => {
  const messages = told(journalOf(...badReleaseFacts()), at(120))
  expect(messages.map(({ id }) => id)).toEqual([
    'i1/opened',
    'i1/rollback-started/run-1',
    'i1/acknowledged',
    'i1/rolled-back/run-1',
    'change/run-1',
    'i1/resolved/2026-03-01T03:01:50.000Z',
  ])
  const [first, started, , , , resolved] = messages
  const text = (message: QueuedMessage | undefined, reader: 'responders' | 'executives' | 'customers') =>
    message?.texts[reader] === undefined ? '' : plainText(message.texts[reader])
  expect(text(started, 'responders')).toContain('Data: none lost: the database is not touched')
  expect(text(started, 'executives')).toContain(
    'Impact: 250 of 400 requests failed (62.5 %); nothing answered for 12 ms',
  )
  expect(text(first, 'customers')).toBe(
    [
      'My store: We are looking into a problem',
      '',
      'Shop, Search: No impact is known.',
      'Status: Resolved',
      'Data: No data was lost.',
      'Next update: 03:22 UTC',
    ].join('\n'),
  )
  expect(text(resolved, 'responders')).toBe(
    [
      '✅ SEV-1 store: Resolved: 180 of 300 requests fail on r2 since 03:00:21',
      '',
      'Status: Resolved',
      'Resolution: Rolled back to version r1 (v1.0.0, aaaaaaa); 0 of 600 requests fail on r1',
      'Duration: 1 min 29 s',
      'Impact: 250 of 400 requests failed (62.5 %); nothing answered for 12 ms',
      'Data: none lost: the database is not touched',
      '',
      'Timeline:',
      '- 03:00:20 UTC - r2 (v1.1.0, aaaaaaa) went live',
      '- 03:00:21 UTC - Failing since',
      '- 03:00:30 UTC - Issue detected',
      '- 03:00:40 UTC - Rollback initiated',
      '- 03:00:50 UTC - Acknowledged',
      '- 03:01:00 UTC - Traffic on r1 (v1.0.0, aaaaaaa)',
      '- 03:01:10 UTC - Rollback complete and verified',
      '- 03:01:50 UTC - Resolved',
      '',
      'Next Steps:',
      '- Root cause analysis: to be scheduled',
      '- Fix planned for the next deployment',
    ].join('\n'),
  )
})

test('each kind of sink is told of what it is for', () => {
  const sinksOf = (id: string) =>
    told(journalOf(...badReleaseFacts()), at(120)).find((message) => message.id.startsWith(id))?.sinks
  expect(sinksOf('i1/opened')).toEqual(
    expect.arrayContaining(['slack', 'card', 'mail', 'pager', 'public', 'hook', 'issues', 'file', 'boss']),
  )
  expect(sinksOf('i1/rollback-started')).not.toContain('pager')
  expect(sinksOf('i1/acknowledged')).toEqual(['console', 'file', 'slack', 'card', 'pager', 'hook', 'boss'])
  expect(sinksOf('change/')).toEqual(['console', 'file', 'pager', 'hook', 'boss'])
})

test('what waits for a person says so, and is not said when it is over before it could be', () => {
  const verdict = {
    ...{
      id: 'v1',
      release: 'r2',
      findings: [],
      decision: 'hold' as const,
      to: null,
      corrupt: false,
      actAt: null,
    },
    reason: 'both releases are sick',
  }
  const held = journalOf(['VerdictReached', { verdict }])
  const [, needed] = told(held, at(5))
  expect(needed).toMatchObject({ id: 'i1/person-needed/v1', occasion: 'person-needed', public: null })
  expect(needed?.texts.responders?.title).toContain('A person is needed: both releases are sick')
  expect(needed?.sinks).not.toContain('public')
  const over = journalOf(
    ['VerdictReached', { verdict }],
    ['VerdictEnded', { verdict: 'v1', how: 'cancelled', reason: 'x' }],
  )
  expect(told(over, at(20)).map(({ occasion }) => occasion)).not.toContain('person-needed')
})

test('a promise that was not kept is due when its time has come, once; nothing said at all is due after five minutes', () => {
  const events = journalOf(opened(), [
    'IncidentUpdated',
    {
      incident: 'i1',
      text: 'working on it',
      public: false,
      eta: null,
      nextUpdate: '2026-03-01T03:15:00.000Z',
    },
  ])
  const [incident] = foldIncidents('store', events).incidents
  if (incident === undefined) throw new Error('no incident')
  const none = foldOutbox(events)
  const cadence = { firstWithinMs: 300_000, updateEveryMs: 1_200_000 }
  expect(promisedUpdate(incident, none, cadence)).toBe('2026-03-01T03:05:00.000Z')
  const first = { ...incident, missedUpdates: ['2026-03-01T03:05:00.000Z'] }
  expect(promisedUpdate(first, none, cadence)).toBe('2026-03-01T03:15:00.000Z')
  const both = { ...incident, missedUpdates: ['2026-03-01T03:05:00.000Z', '2026-03-01T03:15:00.000Z'] }
  expect(promisedUpdate(both, none, cadence)).toBe('2026-03-01T03:35:00.000Z')
  expect(promisedUpdate({ ...incident, state: 'resolved' }, none, cadence)).toBe(null)
  const missed = journalOf(opened(), [
    'IncidentUpdateMissed',
    { incident: 'i1', promised: '2026-03-01T03:05:00.000Z' },
  ])
  const due = told(missed, at(310)).find(({ occasion }) => occasion === 'update-due')
  expect(due?.texts.responders?.title).toContain('The update promised for 03:05 UTC has not come')
})

test('it was called over, and was not: it is opened again, so that a pager hears of it', () => {
  const facts = badReleaseFacts()
  const refuted: Fact = [
    'RecoveryJudged',
    { release: 'r1', outcome: 'refuted', requests: 9, detail: 'worse' },
  ]
  const before = told(journalOf(...facts), at(120)).map((message): Fact => ['MessageQueued', { message }])
  const after = told(journalOf(...facts, ...before, refuted), at(180))
  expect(after.map(({ id }) => id)).toEqual(['i1/opened/again/1'])
  expect(after[0]?.sinks).toContain('pager')
})

test('a drill reaches nothing outside, and says that it is one', () => {
  const messages = told(journalOf(opened({ drill: true })), at(1))
  expect(messages.map(({ sinks }) => sinks)).toEqual([['console', 'file', 'boss']])
  expect(messages[0]?.texts.responders?.title).toMatch(/^\[DRILL\] /)
})

const reviewSet = (sequence: number, start: string): Fact => [
  'ReviewScheduled',
  {
    ...{ incident: 'i1', uid: 'review-store-i1', sequence, start, minutes: 30, timeZone: 'Europe/Berlin' },
    attendees: [{ name: 'Ann Lee', email: 'ann@example.org' }],
  },
]
const reviewOff: Fact = [
  'ReviewCancelled',
  { incident: 'i1', uid: 'review-store-i1', sequence: 2, reason: 'all is said' },
]

test('a review is told as it stands: an invite, moved, called off; by one mail, and to no list', () => {
  const second = { ...settingsFor('').email, name: 'second' }
  const tell = (...facts: Fact[]) => told(journalOf(opened(), ...facts), at(40), [...all, second])
  const review = (messages: QueuedMessage[]) => messages.filter(({ occasion }) => occasion === 'review')
  const first = review(tell(reviewSet(0, '2026-03-03T09:00:00.000Z')))
  expect(first).toMatchObject([
    {
      id: 'i1/review/2',
      sinks: ['console', 'file', 'mail', 'hook'],
      invite: { method: 'REQUEST', to: [{ name: 'Ann Lee', email: 'ann@example.org' }] },
      public: null,
    },
  ])
  expect(first[0]?.texts.responders?.title).toBe(
    '📅 store: Review of i1: 2026-03-03 10:00 (Europe/Berlin), 30 minutes',
  )
  const moved = tell(reviewSet(0, '2026-03-03T09:00:00.000Z'), reviewSet(1, '2026-03-04T09:00:00.000Z'))
  expect(review(moved).map(({ id }) => id)).toEqual(['i1/review/3'])
  // Nobody has been invited: there is nothing to call off.
  expect(review(tell(reviewSet(0, '2026-03-03T09:00:00.000Z'), reviewOff))).toEqual([])
  const sent = first.map((message): Fact => ['MessageQueued', { message }])
  const off = review(tell(reviewSet(0, '2026-03-03T09:00:00.000Z'), ...sent, reviewOff))
  expect(off).toMatchObject([{ id: 'i1/review/4', invite: { method: 'CANCEL' } }])
})

test('what happened long ago is not told any more, and what was queued is not told twice', () => {
  const events = journalOf(...badReleaseFacts())
  expect(told(events, at(3 * 3_600))).toEqual([])
  const queued = told(events, at(120)).map((message): Fact => ['MessageQueued', { message }])
  expect(told(journalOf(...badReleaseFacts(), ...queued), at(120))).toEqual([])
})

const SECRETIVE = `r2 postgres://ann@db1/store ${HOSTILE} /srv/app/secret.js:12 TypeError`

/** Whatever an error, a person or a commit may have said. */
const noise: Fact[] = [
  opened({ title: SECRETIVE }),
  opened({ title: SECRETIVE, drill: true }),
  opened({ title: SECRETIVE, severity: 5 }),
  ['IncidentNoted', { incident: 'i1', text: SECRETIVE, corrects: null, marks: null }],
  ['IncidentUpdated', { incident: 'i1', text: SECRETIVE, public: false, eta: null, nextUpdate: null }],
  ['IncidentUpdated', { incident: 'i1', text: 'We work on it', public: true, eta: null, nextUpdate: null }],
  ['IncidentImpactAssessed', { incident: 'i1', text: SECRETIVE }],
  ['IncidentRoleAssigned', { incident: 'i1', role: 'commander', person: SECRETIVE }],
  ['PersonPaged', { incident: 'i1', person: 'ann', rung: 0, round: 0, reason: SECRETIVE }],
  ['IncidentResolved', { incident: 'i1', text: SECRETIVE }],
  ['IncidentDismissed', { incident: 'i1', reason: SECRETIVE }],
  ['RunStopped', { run: 'run-9', code: 'X', message: SECRETIVE }],
]

test('any log, cut anywhere: nothing throws, the same log gives the same words, and nothing internal is public', () => {
  const log = fc
    .tuple(fc.subarray(badReleaseFacts()), fc.array(fc.constantFrom(...noise), { maxLength: 8 }))
    .chain(([one, other]) => fc.shuffledSubarray([...one, ...other], { minLength: 0 }))
  const internal = [
    'postgres',
    'r1',
    'r2',
    'secret.js',
    'TypeError',
    'ann@',
    'run-',
    '<script',
    'requests fail on',
  ]
  fc.assert(
    fc.property(log, fc.nat(200), (facts, seconds) => {
      const events = journalOf(...facts)
      const messages = told(events, at(seconds))
      expect(told(events, at(seconds))).toEqual(messages)
      const page = pageOf(events, at(seconds))
      expect(pageOf(events, at(seconds))).toEqual(page)
      const shown = JSON.stringify([
        page,
        messages.map(({ texts, public: facts }) => [texts.customers, facts]),
      ])
      expect(internal.filter((word) => shown.includes(word))).toEqual([])
      const inside = all.filter(({ kind }) => INSIDE.has(kind)).map(({ name }) => name)
      for (const { drill, sinks } of messages)
        if (drill) expect(sinks.every((sink) => [...inside, 'boss'].includes(sink))).toBe(true)
    }),
    { numRuns: 200 },
  )
})

test('the status page: what is going on, what was, and how much of the time it worked', () => {
  const events = journalOf(...badReleaseFacts())
  const during = pageOf(events.slice(0, 8), at(55))
  expect(during.overall).toBe('major-outage')
  expect(during.current).toMatchObject([
    {
      title: 'Shop, Search: major outage',
      status: 'identified',
      startedAt: '2026-03-01T03:00:21.000Z',
      updates: [
        { status: 'identified', text: 'We are going back to an earlier version.' },
        { status: 'investigating', text: 'We are looking into a problem.' },
      ],
    },
  ])
  const after = pageOf(events, at(3_600))
  expect([after.overall, after.current.length, after.past.length]).toEqual(['operational', 0, 1])
  const [shop] = after.components
  // Down from 03:00:21 until it was verified at 03:01:10, of one hour that is known.
  expect(shop?.uptime).toBeCloseTo(1 - 49 / 3_600, 9)
  expect(shop?.days.at(-1)).toEqual({ date: '2026-03-01', state: 'major-outage', affectedMs: 49_000 })
  expect(shop?.days.slice(0, -1).every(({ state }) => state === null)).toBe(true)
  expect(pageOf(events, at(91 * 86_400)).past).toEqual([])
})
