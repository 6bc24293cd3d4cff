import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import ICAL from 'ical.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { evil, evilFacts } from './support/evil-incident.ts'
import { type IncidentHome, openIncidentHome } from './support/incident-home.ts'
import { badReleaseFacts, type Fact } from './support/incident-journal.ts'

/** One incident from its first finding to a closed report, through the commands a person types, on a real journal. */
const configuration = `contacts:
  people:
    ann: { name: Ann Lee, phone: "+49 30 1234", email: ann@example.org, timeZone: Europe/Berlin, users: [root, runner, node] }
    bob: { name: Bob Roe, email: bob@example.org }
    cara: { name: Cara Chief, phone: "+1 212 555" }
  onCall: { people: [ann, bob], timeZone: Europe/Berlin }
  roles: { devops-lead: bob, cto: cara }
  statusPage: https://status.example.org
incident:
  folder: ./incidents
  checklist: [{ phase: during, title: Search index rebuilt }]
  review: { timeZone: Europe/Berlin, time: "10:00", location: https://meet.example.org/x }
`

let home: IncidentHome
beforeAll(async () => {
  home = await openIncidentHome(configuration, badReleaseFacts())
})
afterAll(() => home[Symbol.asyncDispose]())

const fileOf = (name: string) => readFileSync(join(home.path, 'incidents/i1', name), 'utf8')

test('from the finding to the closed report', async () => {
  expect((await home.run('status')).json.incident).toEqual({ id: 'i1', state: 'resolved', severity: 1 })

  const refused = await home.run('incident', 'close', 'an index was missing')
  expect(refused).toMatchObject({ exit: 10, json: { code: 'CHECKLIST_OPEN' } })
  const open = refused.json.details.map((line: string) => line.split(':')[0])
  expect(open).toEqual([
    'team-notified',
    'communication-prepared',
    'team-updated',
    'team-search-index-rebuilt',
    'users-notified',
  ])

  await home.run('incident', 'update', 'r1 serves again', '--public', '--next', '20m')
  const late = [
    'incident',
    'note',
    'first complaint by phone',
    '--at',
    '2026-03-01 04:00',
    '--marks',
    'failing-since',
  ]
  expect((await home.run(...late)).json.incident.times.failingSince).toBe('2026-03-01T03:00:00.000Z')
  await home.run('incident', 'note', 'it was mail, not the phone', '--corrects', '18')
  await home.run('incident', 'role', 'commander', 'bob')
  await home.run('incident', 'tick', 'team-notified', '--note', 'in the channel')
  await home.run('incident', 'tick', 'team-updated', '--as', 'Bob Roe')
  await home.run('incident', 'tick', 'users-notified', '--skip', 'nobody had noticed')
  await home.run('incident', 'tick', 'team-search-index-rebuilt')
  await home.run(
    'incident',
    'action',
    'test checkout with an empty cart',
    '--owner',
    'bob',
    '--due',
    '2026-03-14',
  )

  const closed = await home.run('incident', 'close', 'an index was missing')
  expect(closed).toMatchObject({ exit: 0, json: { incident: { state: 'closed' } } })
  const { json: shown } = await home.run('incident', 'show', 'i1')
  expect(shown.checklist.map(({ state }: { state: string }) => state)).not.toContain('open')
  expect(shown.incident.participants).toEqual(expect.arrayContaining(['ann', 'bob']))
  expect(shown.incident.timeline.find(({ seq }: { seq: number }) => seq === 18).correctedBy).toBe(19)
})

test('the report is the same bytes each time, keeps what people wrote, and says the times that everything says', async () => {
  const { json } = await home.run('report', 'i1')
  const [markdown, html] = [fileOf('report.md'), fileOf('report.html')]
  const untouched = fileOf('edits.md')
  const words = untouched.replace('## Prevention\n', '## Prevention\n\nA test of *checkout*.\n')
  writeFileSync(json.edits, `${words}\n## Timeline of our own\n\nWe met at noon.\n`)
  await home.run('report', 'i1')
  expect(fileOf('edits.md')).toContain('We met at noon.')
  expect(fileOf('report.md')).toContain('## Timeline of our own\n\nWe met at noon.')
  expect(fileOf('report.md')).toContain('## Prevention\n\nA test of *checkout*.')
  expect(fileOf('report.html')).toContain('<p>A test of <em>checkout</em>.</p>')
  writeFileSync(json.edits, untouched)
  const before = await home.run('journal', 'verify')
  await home.run('report', 'i1')
  await home.run('report', 'i1')
  // Nothing more is written down, so nothing can change.
  expect((await home.run('journal', 'verify')).json.events).toBe(before.json.events)
  expect(fileOf('report.md')).toBe(markdown)
  expect(fileOf('report.html')).toBe(html)

  const { times } = (await home.run('incident', 'show', 'i1')).json.incident
  for (const at of Object.values<string | null>(times)) {
    const words = at?.slice(0, 19).replace('T', ' ') ?? ''
    expect(markdown).toContain(words)
    expect(html).toContain(words)
  }
  // Every sentence of the summary and every row names an event that is there.
  const [, summary = ''] = /## Summary\n\n([\s\S]*?)\n\n/.exec(markdown) ?? []
  for (const line of summary.split('\n')) expect(line).toMatch(/\[#\d+\]\(#event-\d+\)$/)
  for (const [, seq] of markdown.matchAll(/\(#event-(\d+)\)/g))
    expect(markdown).toContain(`<a id="event-${seq}"></a>`)
  expect(markdown).toContain('| a1 |  | test checkout with an empty cart | prevent | bob | 2026-03-14 |')
})

test('the invite is read back by another library: set, moved and called off under one name', async () => {
  const read = () => new ICAL.Component(ICAL.parse(fileOf('review.ics')))
  const eventOf = (calendar: ICAL.Component) =>
    new ICAL.Event(calendar.getFirstSubcomponent('vevent') ?? undefined)
  const first = read()
  expect(first.getFirstPropertyValue('method')).toBe('REQUEST')
  const set = eventOf(first)
  expect(set.attendees.map((each) => String(each.getFirstValue())).sort()).toEqual([
    'MAILTO:ann@example.org',
    'MAILTO:bob@example.org',
  ])
  expect(set.attendees.every((each) => each.getParameter('rsvp') === 'TRUE')).toBe(true)
  expect(set).toMatchObject({ location: 'https://meet.example.org/x', sequence: 0 })
  expect(set.summary).toContain('Review of i1 (SEV-1)')
  expect(set.endDate.subtractDate(set.startDate).toSeconds()).toBe(1_800)
  const again = await home.run('incident', 'review', 'i1')
  expect(again.json.review.sequence).toBe(0)

  // Before and after the clocks change in Berlin; what is sent is UTC.
  for (const [typed, utc, sequence] of [
    ['2027-03-26 10:00', '2027-03-26T09:00:00Z', 1],
    ['2027-03-29 10:00', '2027-03-29T08:00:00Z', 2],
    ['2027-10-31 02:30', '2027-10-31T00:30:00Z', 3],
  ] as const) {
    await home.run('incident', 'review', 'i1', '--at', typed)
    const moved = eventOf(read())
    expect([moved.uid, moved.startDate.toString(), moved.sequence]).toEqual([set.uid, utc, sequence])
  }
  await home.run('incident', 'review', 'i1', '--cancel', 'all is said')
  const off = read()
  expect(off.getFirstPropertyValue('method')).toBe('CANCEL')
  expect(eventOf(off)).toMatchObject({ uid: set.uid, sequence: 4 })
  expect(eventOf(off).component.getFirstPropertyValue('status')).toBe('CANCELLED')
  for (const line of fileOf('review.ics').split('\r\n'))
    expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
})

test('what was done otherwise than the runbook has it, and the figures', async () => {
  const { json } = await home.run('runbook', 'i1', '--diff')
  const drifts = json.drifts.map(({ kind, what }: { kind: string; what: string }) => `${kind} ${what}`)
  expect(drifts).toContain('skipped Users notified')
  expect(drifts).toContain('skipped step probe-candidate')
  expect(drifts).toContain('added it was mail, not the phone')
  expect(drifts).not.toContain('added first complaint by phone')
  expect(json.markdown).toContain('- `-` Users notified (ann: nobody had noticed), event ')

  const { json: metrics } = await home.run('metrics', '--since', '9999d')
  expect(metrics).toMatchObject({
    incidents: 1,
    recovery: { medianMs: 50_000, n: 1 },
    timeToDetect: { medianMs: 30_000, n: 1 },
  })
  const { text } = await home.read('metrics', '--since', '9999d', '--prometheus')
  expect(text).toContain('\nlastgood_time_to_detect_seconds{service="store"} 30\n')
  expect((await home.run('metrics')).json.recovery).toEqual({ medianMs: null, n: 0 })
})

test('the card says whom to call, in which order', async () => {
  const { text } = await home.read('contacts')
  expect(text).toMatch(/1\. On-Call Engineer \(until .*\n +(Ann Lee|Bob Roe)/)
  expect(text).toMatch(/2\. DevOps Lead\n +Bob Roe\n +bob@example\.org/)
  expect(text).toMatch(/3\. CTO\n +Cara Chief\n +\+1 212 555/)
  expect(text).toContain('Status page: https://status.example.org')
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(72)
})

test('what makes no sense is refused, with what would', async () => {
  const refusal = async (...words: string[]) => {
    const { exit, json } = await home.run(...words)
    return [exit, json.code]
  }
  expect(await refusal('incident', 'show', 'i9')).toEqual([11, 'UNKNOWN_INCIDENT'])
  expect(await refusal('incident', 'note', 'x')).toEqual([11, 'NO_INCIDENT'])
  expect(await refusal('incident', 'tick', 'users-notified', '--incident', 'i1')).toEqual([
    10,
    'INCIDENT_STATE',
  ])
  expect(await refusal('incident', 'severity', 'SEV-9', '--reason', 'x', '--incident', 'i1')).toEqual([
    2,
    'USAGE',
  ])
  expect(await refusal('incident', 'note', 'x', '--at', 'noonish', '--incident', 'i1')).toEqual([2, 'USAGE'])
  expect(await refusal('incident', 'open', 'shop is down', '--severity', 'SEV-1')).toEqual([0, undefined])
  expect(await refusal('incident', 'open', 'once more')).toEqual([10, 'INCIDENT_OPEN'])
  expect(await refusal('incident', 'close', 'x')).toEqual([10, 'INCIDENT_STATE'])
  expect(await refusal('incident', 'tick', 'nothing')).toEqual([11, 'UNKNOWN_ITEM'])
  expect(await refusal('incident', 'action', '--done', 'a7')).toEqual([11, 'UNKNOWN_ACTION'])
  expect(await refusal('incident', 'role', 'king')).toEqual([2, 'USAGE'])
  expect(await refusal('incident', 'dismiss', 'a drill of the neighbours')).toEqual([0, undefined])
  expect(
    (await home.run('incident', 'list')).json.incidents.map(({ state }: { state: string }) => state),
  ).toEqual(['dismissed', 'closed'])
})

test('no secret comes out, wherever it was put', async () => {
  const secret = 'hunter2-very-secret'
  const settings = `${configuration}env: { API_TOKEN: ${secret} }\n`
  await using secretHome = await openIncidentHome(settings, badReleaseFacts())
  await secretHome.run('incident', 'note', `it logged ${secret}`)
  const { json } = await secretHome.run('report')
  writeFileSync(json.edits, `## Summary\n\nThe token ${secret} was in it.\n`)
  await secretHome.run('report')
  const { text: events } = await secretHome.read('journal', 'export')
  for (const text of [readFileSync(json.markdown, 'utf8'), readFileSync(json.html, 'utf8'), events]) {
    expect(text).toMatch(/it logged (\\?\*){3}/)
    expect(text).not.toContain(secret)
  }
})

test('whatever is written is text: in the report, on the terminal, in the invite', async () => {
  await using evilHome = await openIncidentHome(configuration, evilFacts())
  const { json } = await evilHome.run('report')
  const markdown = readFileSync(json.markdown, 'utf8')
  // Unescaped, each of these would be markup.
  for (const active of [
    /(?<!\\)<(?!a id="event-\d+">|\/a>)/,
    /(?<!\\)\]\((?!#event-\d+\))/,
    /(?<!\\)!\[/,
    /[^\\]:\/\//,
  ])
    expect(markdown).not.toMatch(active)
  expect(markdown).not.toMatch(/^(# Not|- \[x\]|```)/m)
  const { text } = await evilHome.read('incident', 'show')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may reach a terminal
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/)
  expect(text).toContain('globalThis.owned')
  await evilHome.append([
    'IncidentRoleAssigned',
    { incident: 'i1', role: 'scribe', person: 'ann' },
    { subject: 'incident/i1' },
  ] as Fact)
  const { json: review } = await evilHome.run('incident', 'review')
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(review.invite, 'utf8')))
  expect(calendar.getAllSubcomponents('vevent')).toHaveLength(1)
  expect(new ICAL.Event(calendar.getFirstSubcomponent('vevent') ?? undefined).description).toContain(evil[0])
})
