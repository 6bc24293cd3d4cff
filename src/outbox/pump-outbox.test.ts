import { expect, test } from 'vitest'
import { createFakeClock } from '../../test/support/fake-clock.ts'
import { badReleaseFacts, type Fact, newEventsOf } from '../../test/support/incident-journal.ts'
import { openMemoryJournal } from '../../test/support/memory-journal.ts'
import { messageFor, settingsFor } from '../../test/support/messages.ts'
import type { DrillMessage, LiveMessage, Message } from '../domain/notify/message.ts'
import { NO_NOTIFY, type SinkSettings } from '../domain/notify/notify-configuration.ts'
import type { DuePage } from '../ports/notify.ts'
import type { Delivery, InsideSink, OutsideSink, Sink } from '../ports/sink.ts'
import type { OutboxPorts } from './outbox-ports.ts'
import { Outbox } from './pump-outbox.ts'

const START = Date.parse('2026-03-01T03:00:00.000Z')
const settings = settingsFor('http://127.0.0.1:1')

/** A sink that keeps what it is given, and answers as it is told. */
function keeper(name: string, reach: 'inside' | 'outside', answer: () => Promise<Delivery> | Delivery) {
  const taken: Message[] = []
  const deliver = async (message: Message) => {
    const delivery = await answer()
    if (delivery.outcome !== 'retry') taken.push(message)
    return delivery
  }
  const sink: Sink = { name, kind: 'file', reach, reader: 'responders', deliver }
  return { sink, taken, ids: () => taken.map(({ id }) => id) }
}

const REVIEW = {
  ...{ uid: 'review-1', sequence: 0, start: '2026-03-04T09:00:00.000Z', minutes: 30, timeZone: 'UTC' },
  attendees: [{ name: 'Ann Lee', email: 'ann@example.org' }],
}
const arrived: Delivery = { outcome: 'confirmed', afterMs: null, receipt: null, note: 'there' }
const never = () => new Promise<Delivery>(() => {})
/** As every sink does: it ends when it is told to. */
const hangs = (signal: AbortSignal) =>
  new Promise<Delivery>((resolve) =>
    signal.addEventListener('abort', () =>
      resolve({ outcome: 'retry', afterMs: null, receipt: null, note: 'late' }),
    ),
  )

async function rig(facts: readonly Fact[], sinks: readonly Sink[], changes: Partial<OutboxPorts> = {}) {
  const clock = createFakeClock(START + 120_000)
  const journal = openMemoryJournal(undefined, clock)
  const append = (more: readonly Fact[]) => journal.append(newEventsOf(more))
  await append(facts)
  const configured = sinks.map(
    ({ name, reach }): SinkSettings =>
      reach === 'inside' ? { ...settings.file, name } : { ...settings['slack-webhook'], name },
  )
  const ports: OutboxPorts = {
    service: 'store',
    notify: { ...NO_NOTIFY, sinks: configured },
    statusPage: null,
    journal,
    clock,
    actor: 'lastgood@web1',
    crash: () => {},
    sinks: async () => [...sinks],
    templates: async () => new Map(),
    person: (name) => ({ name, email: null, slack: null }),
    nextPage: async () => null,
    review: () => REVIEW,
    invite: async () => null,
    publish: async () => false,
    ...changes,
  }
  const types = async () => (await journal.read()).map(({ type }) => type)
  return { ports, clock, journal, append, outbox: new Outbox(ports), types }
}

test('a dead sink holds up nobody, and the pass ends when its time is over', async () => {
  const well = keeper('well', 'outside', () => arrived)
  const dead: OutsideSink = {
    ...{ name: 'dead', kind: 'file', reach: 'outside', reader: 'responders' },
    deliver: (_message, _receipt, signal) => hangs(signal),
  }
  const { outbox, types } = await rig(badReleaseFacts(), [dead, well.sink])
  const pumped = await outbox.pump(100)
  expect(well.ids()).toEqual([
    'i1/opened',
    'i1/rollback-started/run-1',
    'i1/acknowledged',
    'i1/rolled-back/run-1',
    'i1/resolved/2026-03-01T03:01:50.000Z',
  ])
  expect(pumped.waiting.map(({ sink }) => sink)).toEqual(Array(5).fill('dead'))
  expect((await types()).filter((type) => type === 'MessageDelayed')).toHaveLength(1)
})

test('one tells at a time, and whoever comes later goes on', async () => {
  let answer: (delivery: Delivery) => void = () => {}
  const slow = keeper('slow', 'outside', () => new Promise((resolve) => (answer = resolve)))
  const { ports, outbox } = await rig(badReleaseFacts().slice(0, 6), [slow.sink])
  const first = outbox.pump(60_000)
  await expect.poll(() => answer.length).toBe(1)
  expect(await new Outbox(ports).pump(1_000)).toMatchObject({ busy: true, queued: 0 })
  answer(arrived)
  expect(await first).toMatchObject({ busy: false, queued: 1, waiting: [] })
  expect(await new Outbox(ports).pump(1_000)).toMatchObject({ busy: false, queued: 0, waiting: [] })
  expect(slow.ids()).toEqual(['i1/opened'])
})

test('a drill cannot be given to a sink that reaches the outside: not by type, and not when the journal says so', async () => {
  const drill: DrillMessage = { ...messageFor(), drill: true }
  const outside: OutsideSink = { ...keeper('out', 'outside', never).sink, reach: 'outside' } as OutsideSink
  const inside: InsideSink = { ...keeper('in', 'inside', () => arrived).sink, reach: 'inside' } as InsideSink
  const toOutside = (message: LiveMessage) => outside.deliver(message, null, AbortSignal.abort())
  // @ts-expect-error a drill is not for the outside
  const forbidden = () => toOutside(drill)
  expect(forbidden).toBeTypeOf('function')
  expect(await inside.deliver(drill, null, AbortSignal.abort())).toBe(arrived)

  // Queued for a name that was inside then, and is outside now.
  const { text, ...rest } = drill
  const queued: Fact = [
    'MessageQueued',
    { message: { ...rest, sinks: ['moved'], texts: { responders: text }, public: null } },
  ]
  const moved = keeper('moved', 'outside', () => arrived)
  const { outbox, journal } = await rig([queued], [moved.sink])
  await outbox.pump(1_000)
  expect(moved.taken).toEqual([])
  expect((await journal.read()).at(-1)).toMatchObject({
    type: 'MessageFailed',
    data: { sink: 'moved', note: 'not meant for this sink' },
  })
})

test('a page goes out, climbs while nobody answers, and ends with the answer', async () => {
  const pager = keeper('pager', 'outside', () => arrived)
  const ladder = ['ann', 'bob']
  const nextPage: OutboxPorts['nextPage'] = async ({ pages, times }): Promise<DuePage | null> => {
    const person = ladder[pages.length]
    if (times.acknowledged !== null || person === undefined) return null
    const at = pages.length === 0 ? 0 : Date.parse(pages.at(-1)?.at ?? '') + 300_000
    return { person, rung: pages.length, round: 0, at, reason: 'SEV-1' }
  }
  const { outbox, clock, append } = await rig(badReleaseFacts().slice(0, 6), [pager.sink], { nextPage })
  const paged = () =>
    pager.taken.filter(({ occasion }) => occasion === 'page').map(({ person }) => person?.name)
  await outbox.pump(1_000)
  await outbox.pump(1_000)
  expect(paged()).toEqual(['ann'])
  clock.advance(300_000)
  await outbox.pump(1_000)
  expect(paged()).toEqual(['ann', 'bob'])
  await append([['IncidentAcknowledged', { incident: 'i1', person: 'bob' }, { subject: 'incident/i1' }]])
  clock.advance(300_000)
  await outbox.pump(1_000)
  expect(paged()).toEqual(['ann', 'bob'])
})

test('a promise that was not kept is an event, once, and is chased', async () => {
  const team = keeper('team', 'outside', () => arrived)
  const { outbox, clock, types } = await rig(badReleaseFacts().slice(0, 6), [team.sink])
  await outbox.pump(1_000)
  clock.advance(19 * 60_000)
  await outbox.pump(1_000)
  expect(await types()).not.toContain('IncidentUpdateMissed')
  clock.advance(60_000)
  await outbox.pump(1_000)
  await outbox.pump(1_000)
  expect((await types()).filter((type) => type === 'IncidentUpdateMissed')).toHaveLength(1)
  expect(team.taken.at(-1)).toMatchObject({ occasion: 'update-due' })
  // The chase promises anew.
  clock.advance(20 * 60_000)
  await outbox.pump(1_000)
  expect((await types()).filter((type) => type === 'IncidentUpdateMissed')).toHaveLength(2)
})

test('with the end the review is set, once, and is told; not that of a drill, nor of what was over long ago', async () => {
  const reviewsAfter = async (facts: readonly Fact[], minutes = 0) => {
    const { sink, ids } = keeper('log', 'inside', () => arrived)
    const { clock, outbox, types } = await rig(facts, [sink])
    await clock.sleep(minutes * 60_000)
    await outbox.pump(1_000)
    await outbox.pump(1_000)
    const set = (await types()).filter((type) => type === 'ReviewScheduled').length
    return [set, ids().filter((id) => id.includes('/review/')).length]
  }
  const facts = badReleaseFacts()
  expect(await reviewsAfter(facts)).toEqual([1, 1])
  expect(await reviewsAfter(facts.slice(0, -1))).toEqual([0, 0])
  expect(await reviewsAfter(facts, 3 * 60)).toEqual([0, 0])
  const drill: Fact[] = [
    ['IncidentOpened', { title: 'a drill', severity: 2, release: null, drill: true }],
    ['IncidentResolved', { incident: 'i1', text: 'over' }],
  ]
  expect(await reviewsAfter(drill)).toEqual([0, 0])
})

test('what a service asks for is waited for, and what it never confirms is said again', async () => {
  const answers: Delivery[] = [
    { outcome: 'retry', afterMs: 30_000, receipt: null, note: '429' },
    { outcome: 'sent', afterMs: 0, receipt: null, note: '202' },
    { outcome: 'sent', afterMs: 0, receipt: null, note: '202' },
    { outcome: 'sent', afterMs: 0, receipt: null, note: '202' },
  ]
  const pager = keeper('pager', 'outside', () => answers.shift() ?? arrived)
  const { outbox, clock } = await rig(badReleaseFacts().slice(0, 6), [pager.sink])
  await outbox.pump(1_000)
  clock.advance(29_000)
  await outbox.pump(1_000)
  expect(pager.taken).toHaveLength(0)
  clock.advance(5_000)
  await outbox.pump(1_000)
  expect(pager.taken).toHaveLength(1)
  clock.advance(10 * 60_000)
  await outbox.pump(1_000)
  expect(pager.ids()).toEqual(['i1/opened', 'i1/opened'])
})
