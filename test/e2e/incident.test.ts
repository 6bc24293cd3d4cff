import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import ICAL from 'ical.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type MailServer, openMailServer } from '../../lab/mail/mail-server.ts'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { startWatch } from '../../lab/start-watch.ts'
import { openStoreService, type StoreService } from '../../lab/store-service.ts'
import { startTraffic } from '../../lab/traffic/start-traffic.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { EventData, EventType, JournalEvent } from '../../src/domain/event.ts'
import type { CheckedItem } from '../../src/domain/incident/checklist.ts'
import type { Incident } from '../../src/domain/incident/incident.ts'
import type { StatusPage } from '../../src/domain/notify/status-page.ts'
import { KEYS, StrictServices } from '../support/strict-services.ts'

let lab: Lab
let store: StoreService
let services: StrictServices
let mail: MailServer

const ANN = 'ann@example.org'

const sections = (api: string, smtp: string, folder: string) => ({
  contacts: {
    people: { ann: { name: 'Ann Lee', email: ANN, users: [userInfo().username] } },
    onCall: { people: ['ann'] },
  },
  notify: {
    sinks: {
      log: { kind: 'file', path: join(folder, 'messages.jsonl') },
      card: { kind: 'slack-bot', token: `\${SLACK_TOKEN}`, channel: 'C0123456789', api: `${api}/api` },
      channel: { kind: 'slack-webhook', webhook: `${api}/services/T0/B0/secret` },
      mail: { kind: 'email', smtp, from: 'lastgood@example.org', to: ['ops@example.org'] },
      boss: {
        kind: 'email',
        reader: 'executives',
        smtp,
        from: 'lastgood@example.org',
        to: ['boss@example.org'],
      },
      pager: { kind: 'pagerduty', routingKey: `\${PAGER_KEY}`, api },
      public: {
        kind: 'statuspage',
        page: 'page1',
        token: `\${PAGE_TOKEN}`,
        components: { Shop: 'cmp1' },
        api,
      },
      events: { kind: 'webhook', url: `${api}/hook`, secret: `\${HOOK_SECRET}` },
      issues: { kind: 'github', repository: 'acme/store', token: `\${GITHUB_TOKEN}`, api },
    },
  },
  statusPage: { folder: join(folder, 'public'), title: 'My store', components: [{ name: 'Shop' }] },
  incident: { folder: join(folder, 'incidents'), review: { timeZone: 'Europe/Berlin' } },
})

beforeAll(async () => {
  ;[services, mail, lab] = await Promise.all([
    StrictServices.open(),
    openMailServer(),
    openLab({ name: 'incident' }),
  ])
  store = await openStoreService(lab, {
    install: 'copy',
    bake: '100ms',
    // Long enough that no two moments are the same second.
    window: '2s',
    timeout: '20s',
    watch: {
      policy: 'act',
      countdown: '2s',
      // The machine of a test is as fast as its other tests let it be.
      triggers: { slowdown: 'off' },
      slowdown: '1000%',
      recovery: { slowdown: '1000%' },
    },
    more: sections(services.url, mail.url, lab.dir),
  })
  Object.assign(store.env, {
    ...{ SLACK_TOKEN: KEYS.slack, PAGER_KEY: KEYS.pagerduty, PAGE_TOKEN: KEYS.statuspage },
    ...{ HOOK_SECRET: KEYS.webhook, GITHUB_TOKEN: KEYS.github },
  })
  await store.document('deploy', 'good-2', '--yes')
  await startTraffic({ url: store.url, rate: 100 })
})
afterAll(async () => {
  await lab?.close()
  await mail?.[Symbol.asyncDispose]()
  await services?.[Symbol.asyncDispose]()
})

interface Shown {
  incident: Incident
  checklist: CheckedItem[]
}

const show = async () => (await store.document('incident', 'show', 'i1')) as unknown as Shown

const read = (...path: string[]) => readFile(join(lab.dir, ...path), 'utf8')

const mailsAbout = (word: RegExp) => mail.mails.filter(({ parsed }) => word.test(parsed.subject ?? ''))

const until = (what: string, ready: () => unknown) =>
  waitUntil(async () => Boolean(await ready()), { what, timeoutMs: 60_000, everyMs: 200 })

/** `03:00:30`, as in every message: `... UTC - Issue detected`. */
const second = (at: string | null) => at?.slice(11, 19)

test('from the first bad response to a closed report: one ack, one sentence, and all say the same times', async () => {
  startWatch(store)
  await until('the watcher', async () => (await store.document('status')).watcher !== null)
  await store.document('deploy', 'bad-errors', '--yes', '--no-wait')

  // The one person who is called answers.
  await until('the page', () => mailsAbout(/Ann Lee|ann, you are needed/).length > 0)
  await store.document('incident', 'ack')
  await until(
    'everybody hears of the end',
    () =>
      mailsAbout(/Resolved/).length === 2 &&
      services.issues[0]?.state === 'closed' &&
      services.incidents[0]?.status === 'resolved' &&
      [...services.alerts.values()].every(({ state }) => state === 'resolved') &&
      services.events.some(({ type }) => type === 'dev.lastgood.incident.resolved.v1') &&
      services.slack.filter(({ body }) => JSON.stringify(body).includes('UTC - Resolved')).length > 1,
  )
  await store.document('incident', 'close', 'The new read cache was never filled')
  await until('the invite', () => mailsAbout(/Review of i1/).length > 0)

  const { incident, checklist } = await show()
  const { times } = incident
  expect(incident).toMatchObject({ state: 'closed', release: 'r2', target: 'r1', drill: false })

  // A person did two things, and nothing of the checklist.
  const typed = incident.timeline.filter(({ kind }) => kind === 'person').map(({ type }) => type)
  expect(typed).toEqual(['IncidentAcknowledged', 'IncidentClosed'])
  expect(checklist).toHaveLength(15)
  expect(
    checklist.filter(({ state }) => state !== 'proven').map(({ id, state }) => `${id} ${state}`),
  ).toEqual(['database-rolled-back needless', 'cache-cleared needless'])

  // The times are those of the events themselves.
  const { stdout } = await store.lastgood('journal', 'export')
  const events: JournalEvent[] = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  const findings = all(events, 'FindingRecorded')
  const rollback = all(events, 'RunStarted').find(({ data }) => data.plan.verb === 'rollback')
  const ofRun = (type: 'StepSucceeded' | 'VerificationRecorded') =>
    events.filter(
      (event) => event.type === type && (event.data as { run?: string }).run === rollback?.data.run,
    )
  expect(times).toEqual({
    deployed: all(events, 'ReleaseWentLive').find(({ data }) => data.release === 'r2')?.at,
    failingSince: findings.map(({ data }) => data.finding.since).sort()[0],
    detected: findings[0]?.at,
    acknowledged: all(events, 'IncidentAcknowledged')[0]?.at,
    rollbackStarted: rollback?.at,
    switched: ofRun('StepSucceeded').find(({ data }) => (data as { kind?: string }).kind === 'switch-traffic')
      ?.at,
    verified: ofRun('VerificationRecorded')[0]?.at,
    resolved: all(events, 'RecoveryJudged')[0]?.at,
    closed: all(events, 'IncidentClosed')[0]?.at,
  })

  // Every message says them, in every sink, and the last one says all of them.
  const expected: Record<string, string | undefined> = {
    'Failing since': second(times.failingSince),
    'Issue detected': second(times.detected),
    Acknowledged: second(times.acknowledged),
    'Rollback initiated': second(times.rollbackStarted),
    'Rollback complete and verified': second(times.verified),
    Resolved: second(times.resolved),
  }
  const log = (await read('messages.jsonl')).trim().split('\n')
  const said: Record<string, string[]> = {
    log: log.map((line) => JSON.parse(line).text),
    mail: mail.mails.flatMap(({ parsed }) => parsed.text ?? []),
    slack: services.slack.map(({ body }) => JSON.stringify(body)),
    events: services.events.map(({ data }) => data.text.body),
    pager: services.taken.flatMap(({ body }) => body?.payload?.custom_details?.text ?? []),
    issues: services.issues.flatMap(({ body, comments }) => [body, ...comments]),
  }
  const named = new RegExp(`(\\d\\d:\\d\\d:\\d\\d) UTC - (${Object.keys(expected).join('|')})(?![a-z])`, 'g')
  for (const [sink, texts] of Object.entries(said)) {
    const timelines = texts.map((text) => [
      ...text.replaceAll('\\n', '\n').replaceAll('\\', '').matchAll(named),
    ])
    for (const [, time, moment = ''] of timelines.flat())
      expect([sink, moment, time]).toEqual([sink, moment, expected[moment]])
    const ended = timelines.findLast((lines) => lines.some(([, , moment]) => moment === 'Resolved'))
    // A pager is only told that it is over.
    if (sink !== 'pager')
      expect([sink, ended?.map(([, , moment]) => moment).sort()]).toEqual([
        sink,
        Object.keys(expected).sort(),
      ])
  }
  // The end of it says when it will be spoken about.
  expect(said.log?.findLast((text) => text.includes('Next Steps'))).toContain(
    `Root cause analysis: ${incident.review?.start.slice(0, 10)}`,
  )
  expect(services.refused).toEqual([])
  const triggers = services.taken.filter(({ body }) => body?.event_action === 'trigger')
  expect(triggers.map(({ body }) => body.payload.timestamp)).toEqual(
    expect.arrayContaining([times.detected, incident.pages[0]?.at]),
  )
  expect([...services.alerts.values()]).toEqual([{ state: 'resolved', triggers: 2 }])
  expect(services.incidents).toMatchObject([{ status: 'resolved', components: { cmp1: 'operational' } }])

  // So does what customers see, which knows nothing else.
  const page: StatusPage = JSON.parse(await read('public', 'status.json'))
  expect(page.past).toMatchObject([
    {
      startedAt: times.failingSince,
      resolvedAt: times.resolved,
      updates: [
        { at: times.resolved, status: 'resolved' },
        { at: times.verified, status: 'monitoring' },
        { at: times.rollbackStarted, status: 'identified' },
        { at: times.detected, status: 'investigating' },
      ],
    },
  ])
  const [html, atom] = [await read('public', 'index.html'), await read('public', 'feed.atom')]
  for (const at of [times.failingSince, times.resolved])
    expect([html.includes(`"${at}"`), atom.includes(`>${at}<`)]).toEqual([true, true])

  // And the report, as closing wrote it.
  const [markdown, report] = [
    await read('incidents/i1', 'report.md'),
    await read('incidents/i1', 'report.html'),
  ]
  const rows: [string, string | null][] = [
    ['Deployed', times.deployed],
    ['Failing since', times.failingSince],
    ['Detected', times.detected],
    ['Acknowledged', times.acknowledged],
    ['Rollback started', times.rollbackStarted],
    ['Traffic switched', times.switched],
    ['Verified', times.verified],
    ['Resolved', times.resolved],
    ['Closed', times.closed],
  ]
  for (const [name, at] of rows) {
    const time = `${at?.slice(0, 19).replace('T', ' ')} UTC`
    expect(markdown).toContain(`| ${name} | ${time} |`)
    expect(report.replaceAll(/<[^>]*>/g, '|').replaceAll(/\|+/g, '|')).toContain(`|${name}|${time}|`)
  }
  expect(markdown).toContain('The new read cache was never filled')
  for (const [sink, occasion] of [
    ['card', 'opened'],
    ['mail', 'page'],
    ['public', 'rolled-back'],
    ['pager', 'resolved'],
    ['mail', 'review'],
  ])
    expect(markdown).toMatch(new RegExp(`Told ${sink} \\\\?\\(${occasion}\\\\?\\)`))

  const [invite] = mailsAbout(/Review of i1/)
  expect(invite?.to).toEqual([ANN])
  const calendar = invite?.parsed.attachments.find(({ contentType }) => contentType === 'application/ics')
  const parsed = new ICAL.Component(ICAL.parse(calendar?.content.toString('utf8') ?? ''))
  const event = new ICAL.Event(parsed.getFirstSubcomponent('vevent') ?? undefined)
  expect(event.startDate.toJSDate().toISOString()).toBe(incident.review?.start)
  expect(event.description).toContain(join(lab.dir, 'incidents/i1/report.html'))

  const metrics = await store.document('metrics', '--since', '1d')
  const took = (from: string | null, to: string | null) => Date.parse(to ?? '') - Date.parse(from ?? '')
  expect(metrics).toMatchObject({
    deployments: 2,
    failedDeployments: 1,
    recovery: { medianMs: took(times.deployed, times.verified), n: 1 },
    timeToDetect: { medianMs: took(times.failingSince, times.detected), n: 1 },
  })
})

type Of<T extends EventType> = JournalEvent & { type: T; data: EventData[T] }

function all<T extends EventType>(events: readonly JournalEvent[], type: T): Of<T>[] {
  return events.filter((event): event is Of<T> => event.type === type)
}
