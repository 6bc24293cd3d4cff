import { mkdtemp } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { type MailServer, openMailServer } from '../lab/mail/mail-server.ts'
import type { Lab } from '../lab/open-lab.ts'
import { startWatch, type WatchProcess } from '../lab/start-watch.ts'
import { openStoreService } from '../lab/store-service.ts'
import { startTraffic } from '../lab/traffic/start-traffic.ts'
import { waitUntil } from '../lab/wait-until.ts'
import { findDisagreements, showTimes } from './same-times.ts'
import type { Stage } from './stage.ts'
import { statusLine } from './status-line.ts'
import { deploy, prompt, show } from './type-command.ts'

const RATE = 100
const BAD = 'bad-errors'
const SENTENCE = 'The new read cache was never filled'

/** An incident from the first bad response to the closed report. Returns what is not as it should be. */
export async function playIncident(lab: Lab, stage: Stage): Promise<string[]> {
  stage.introduce(TITLE, ABOUT)
  let follower: Follower | null = null
  const scene = (text: string) => {
    // What has come until now belongs above it.
    follower?.tell()
    stage.line(`\n${stage.paint(text, 'bold')}`)
  }
  const kept = await mkdtemp(join(tmpdir(), 'lastgood-incident-'))
  await using mail = await openMailServer()

  scene('1. A store opens, with its first release, and shoppers come in')
  const opening = openStoreService(lab, settings(mail.url, kept))
  const store = await stage.during(opening, (s) => `  PostgreSQL, PM2, schema, goods ... ${s} s`, 60)
  await deploy(stage, store, 'good-1')
  const traffic = await startTraffic({ url: store.url, rate: RATE })
  const shoppers = () => statusLine(stage, traffic.recent())

  scene('2. Somebody watches, and may roll back by itself')
  prompt(stage, ['watch', '--policy', 'act', '--countdown', '3s'])
  const watch = startWatch(store, '--policy', 'act', '--countdown', '3s')
  follower = follow(stage, watch, mail)
  const watching = until('the watch', async () => (await store.document('status')).watcher !== null)
  await stage.during(watching, shoppers)

  scene('3. A bad release gets through: what it breaks, no check asked for')
  await deploy(stage, store, BAD, { traffic, options: ['--no-wait'] })
  const called = until('a page', () => subjects(mail).some((subject) => /you are needed/.test(subject)))
  await stage.during(called, shoppers)

  scene('4. Whoever is called says so: the first of two things that a person types')
  await show(stage, store, ['incident', 'ack'])
  const over = until('the end', () => subjects(mail).some((subject) => /Resolved:/.test(subject)))
  await stage.during(over, shoppers)

  scene('5. It is over, and proven. One sentence is left to a person')
  const closed = await show(stage, store, ['incident', 'close', SENTENCE])
  const invited = until('the invite', () => subjects(mail).some((subject) => /Review of/.test(subject)))
  await stage.during(invited, shoppers)
  follower.stop()
  await traffic.stop()

  scene('What everybody was told')
  const shown = await store.document('incident', 'show', 'i1')
  const sources = await showTimes(stage, shown, kept)
  scene('Kept for you to read')
  for (const [what, file] of [
    ['the report', 'incidents/i1/report.html'],
    ['the status page', 'public/index.html'],
    ['every message', 'messages.jsonl'],
    ['the invite', 'incidents/i1/review.ics'],
  ] as const)
    stage.line(`  ${what.padEnd(17)}${join(kept, file)}`)
  const problems = [
    ...(closed === 0 ? [] : [`lastgood incident close ended with ${closed}`]),
    ...findDisagreements(sources),
  ]
  for (const problem of problems) stage.line(stage.paint(`  ✗ ${problem}`, 'red'))
  return problems
}

const TITLE = 'an incident, from the first bad response to a closed report'
const ABOUT = [
  'Everything is real and lives in a temporary folder: the store, its shoppers, a',
  'mail server. Only what was written about the incident is kept. To be short, a',
  'release is proven after 3 s, and its latency is not judged.',
]

function settings(smtp: string, kept: string): Parameters<typeof openStoreService>[1] {
  const mail = { kind: 'email', smtp, from: 'lastgood@example.org' }
  return {
    watch: { triggers: { slowdown: 'off' }, slowdown: '1000%', recovery: { slowdown: '1000%' } },
    more: {
      contacts: {
        people: { ann: { name: 'Ann Lee', email: 'ann@example.org', users: [userInfo().username] } },
        onCall: { people: ['ann'] },
      },
      notify: {
        sinks: {
          team: { ...mail, to: ['team@example.org'] },
          log: { kind: 'file', path: join(kept, 'messages.jsonl') },
        },
      },
      statusPage: { folder: join(kept, 'public'), title: 'My store', components: [{ name: 'Shop' }] },
      incident: { folder: join(kept, 'incidents') },
    },
  }
}

const subjects = ({ mails }: MailServer) => mails.map(({ parsed }) => parsed.subject ?? '')

const until = (what: string, ready: () => unknown) =>
  waitUntil(async () => Boolean(await ready()), { what, timeoutMs: 120_000, everyMs: 200 })

type Follower = { tell(): void; stop(): void }

const COLUMNS = 80

/** Shows what comes while something else is waited for: what the watch notices, and each mail. */
function follow(stage: Stage, watch: WatchProcess, mail: MailServer): Follower {
  let [lines, mails] = [0, 0]
  const tell = () => {
    const said = watch.said().split('\n').slice(0, -1)
    for (const line of said.slice(lines)) if (isNotice(line)) stage.line(stage.paint(line, 'dim'))
    lines = said.length
    for (const { to, parsed } of mail.mails.slice(mails))
      stage.line(`  ${stage.paint('✉', 'yellow')} ${cut(`${to.join(', ')}: ${parsed.subject}`, COLUMNS - 6)}`)
    mails = mail.mails.length
  }
  const timer = setInterval(tell, 200)
  const stop = () => {
    clearInterval(timer)
    tell()
  }
  return { tell, stop }
}

function cut(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}

/** A time, or the rest of a notice. The plan of the rollback is left out, its steps are not. */
function isNotice(line: string): boolean {
  return /^\d\d:\d\d:\d\d {2}(?!r\d+ )|^ {10}\S|^ {2}✓ /.test(line)
}
