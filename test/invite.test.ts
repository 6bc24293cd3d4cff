import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import ICAL from 'ical.js'
import { expect, test } from 'vitest'
import { type Mail, openMailServer } from '../lab/mail/mail-server.ts'
import { openSqliteJournal } from '../src/journal/sqlite-journal.ts'
import { type IncidentHome, openIncidentHome } from './support/incident-home.ts'
import { badReleaseFacts } from './support/incident-journal.ts'

const configuration = (smtp: string, timeZone: string) => `contacts:
  people:
    ann: { name: Ann Lee, email: ann@example.org }
    bob: { name: Bob Roe, email: bob@example.org }
notify:
  sinks:
    boss: { kind: email, reader: executives, smtp: "${smtp}", from: lastgood@example.org, to: [boss@example.org] }
    team: { kind: email, smtp: "${smtp}", from: lastgood@example.org, to: [team@example.org] }
incident: { review: { timeZone: ${timeZone}, location: "Room 1, left; \\"the old one\\"" } }
`

/** What a calendar program would show in that zone, by the time zone database and none of our code. */
function shown(time: ICAL.Time, timeZone: string): string {
  const form = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' })
  return form.format(time.toJSDate())
}

/** The part of the mail that calendars read, and the file that goes with it for those that do not. */
function readInvite({ parsed }: Mail) {
  const found = parsed.attachments.filter(({ contentType }) =>
    /^(text\/calendar|application\/ics)$/.test(contentType),
  )
  const texts = found.map(({ content }) => content.toString('utf8'))
  expect(new Set(texts).size).toBe(1)
  const calendar = new ICAL.Component(ICAL.parse(texts[0] ?? ''))
  const event = new ICAL.Event(calendar.getFirstSubcomponent('vevent') ?? undefined)
  return { method: calendar.getFirstPropertyValue('method'), event, text: texts[0] ?? '' }
}

async function invitedBy(home: IncidentHome, mails: Mail[], ...words: string[]) {
  const before = mails.length
  const ran = await home.run('incident', 'review', 'i1', ...words)
  expect(ran.exit, ran.text).toBe(0)
  const more = mails.slice(before).filter(({ parsed }) => /review/i.test(parsed.subject ?? ''))
  expect(more).toHaveLength(1)
  const [mail] = more
  if (mail === undefined) throw new Error('no mail')
  return { mail, ...readInvite(mail) }
}

test.each([
  { zone: 'Europe/Berlin', before: '2027-03-26 10:00', after: '2027-03-29 10:00', hours: 71 },
  { zone: 'America/New_York', before: '2027-11-05 09:30', after: '2027-11-08 09:30', hours: 73 },
  { zone: 'Australia/Lord_Howe', before: '2027-10-01 16:00', after: '2027-10-04 16:00', hours: 71.5 },
])(
  'the invite is mailed, moved over a change of the clocks and called off: $zone',
  async ({ zone, before, after, hours }) => {
    await using server = await openMailServer()
    const { mails, url } = server
    await using home = await openIncidentHome(configuration(url, zone), badReleaseFacts())
    await home.append(['IncidentRoleAssigned', { incident: 'i1', role: 'scribe', person: 'bob' }])

    const set = await invitedBy(home, mails, '--at', before)
    expect(set.mail).toMatchObject({ from: 'lastgood@example.org' })
    expect([...set.mail.to].sort()).toEqual(['ann@example.org', 'bob@example.org'])
    expect(set.mail.parsed.subject).toBe(`📅 store: Review of i1: ${before} (${zone}), 30 minutes`)
    expect(set.method).toBe('REQUEST')
    expect(shown(set.event.startDate, zone)).toBe(before)
    expect(set.event.location).toBe('Room 1, left; "the old one"')
    expect(set.event.description).toMatch(/The report: \S+:\S+\/i1\/report\.html/)

    const moved = await invitedBy(home, mails, '--at', after)
    expect(shown(moved.event.startDate, zone)).toBe(after)
    expect(moved.event).toMatchObject({ uid: set.event.uid, sequence: set.event.sequence + 1 })
    expect(moved.event.startDate.subtractDate(set.event.startDate).toSeconds()).toBe(hours * 3_600)
    expect(moved.event.endDate.subtractDate(moved.event.startDate).toSeconds()).toBe(1_800)
    // Its reply finds the thread of the incident.
    expect(moved.mail.parsed.references).toEqual(set.mail.parsed.references)

    const off = await invitedBy(home, mails, '--cancel', 'all is said')
    expect(off.method).toBe('CANCEL')
    expect(off.event).toMatchObject({ uid: set.event.uid, sequence: set.event.sequence + 2 })
    expect(off.event.component.getFirstPropertyValue('status')).toBe('CANCELLED')
    expect([...off.mail.to].sort()).toEqual(['ann@example.org', 'bob@example.org'])
  },
)

test('whoever closes waits for somebody else who is telling: the invite stands in the report', async () => {
  await using server = await openMailServer()
  const own = configuration(server.url, 'UTC').replace('incident: {', 'incident: { folder: ./incidents,')
  await using home = await openIncidentHome(own, badReleaseFacts())
  const { details } = (await home.run('incident', 'close', 'an index was missing')).json
  for (const line of details) await home.run('incident', 'tick', line.split(':')[0], '--note', 'done')
  const journal = openSqliteJournal({ home: home.home })
  await journal.acquire('store/outbox', 'a watcher', 'tell others', 1_500)
  const closed = await home.run('incident', 'close', 'an index was missing')
  await journal.close()
  expect(closed.exit, closed.text).toBe(0)
  expect(await readFile(join(home.path, 'incidents/i1/report.md'), 'utf8')).toMatch(
    /Told \w+ \\?\(review\\?\)/,
  )
})
