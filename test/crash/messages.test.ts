import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import { expect, test } from 'vitest'
import { journalFile } from '../../src/journal/open-database.ts'
import { type IncidentHome, openIncidentHome } from '../support/incident-home.ts'
import { badReleaseFacts, type Fact } from '../support/incident-journal.ts'
import { KEYS, StrictServices } from '../support/strict-services.ts'

const BIN = process.env.LASTGOOD_BIN ?? fileURLToPath(new URL('../../dist/lastgood.cjs', import.meta.url))

const sinks = (url: string) => `
notify:
  sinks:
    log: { kind: file, path: messages.jsonl }
    ops: { kind: slack-webhook, webhook: "${url}/services/T0/B0/x" }
    card: { kind: slack-bot, token: ${KEYS.slack}, channel: C0123456789, api: "${url}/api" }
    pager: { kind: pagerduty, routingKey: ${KEYS.pagerduty}, api: "${url}" }
    public: { kind: statuspage, page: page1, token: ${KEYS.statuspage}, api: "${url}" }
    hook: { kind: webhook, url: "${url}/hook", secret: ${KEYS.webhook} }
    issues: { kind: github, repository: acme/store, token: ${KEYS.github}, api: "${url}" }
statusPage: { folder: public, title: My store }
`

function lastgood(
  at: IncidentHome,
  args: readonly string[],
  crashAt?: string,
): Promise<{ signal: string | null }> {
  const env = {
    PATH: process.env.PATH,
    HOME: at.path,
    ...(crashAt === undefined ? {} : { LASTGOOD_CRASH_AT: crashAt }),
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [BIN, ...args, '--home', at.home], { cwd: at.path, env }, (error) =>
      resolve({ signal: error?.signal ?? null }),
    )
  })
}

/** As if the time of a killed process's lease had passed. */
function expireLeases({ home }: IncidentHome): void {
  const db = new Database(journalFile(home))
  db.prepare('UPDATE leases SET expires_at = 0').run()
  db.close()
}

/** As the fixture tells it, but now: what is long ago is not told any more. */
function happeningNow(facts: Fact[]): Fact[] {
  const shift = Date.now() - Date.parse('2026-03-01T03:02:00.000Z')
  return facts.map(([type, data, other]) => {
    const at = new Date(Date.parse(other?.at ?? '2026-03-01T03:00:00.000Z') + shift).toISOString()
    return [type, data, { ...other, at }] as Fact
  })
}

test('killed between sending and noting it, again and again: everybody is told, and of one incident', async () => {
  await using services = await StrictServices.open()
  const facts = happeningNow(badReleaseFacts())
  await using home = await openIncidentHome(sinks(services.url), [])
  for (const part of [facts.slice(0, 8), facts.slice(8)]) {
    await home.append(...part)
    for (let kill = 0; kill < 2; kill++) {
      expect(await lastgood(home, ['notify', 'flush'], 'message/handed')).toEqual({ signal: 'SIGKILL' })
      expireLeases(home)
    }
  }
  // What was killed has gone out and is not known to have: that is what the rest is about.
  expect(services.taken.length).toBeGreaterThan(4)
  const told = await home.run('notify', 'flush')
  expect(told.json).toMatchObject({ exit: 0, waiting: [] })

  expect(services.refused).toEqual([])
  expect([...services.alerts.values()]).toEqual([{ state: 'resolved', triggers: expect.any(Number) }])
  expect(services.incidents).toMatchObject([{ status: 'resolved' }])
  expect(services.issues).toMatchObject([{ state: 'closed' }])
  expect(services.issues[0]?.comments.length).toBe(new Set(services.issues[0]?.comments).size)
  expect(
    services.slack.filter(({ body, thread }) => body.metadata !== undefined && thread === null),
  ).toHaveLength(1)
  expect(services.events.map(({ type }) => type)).toEqual(
    [
      'incident.declared',
      'rollback.started',
      'incident.acknowledged',
      'rollback.verified',
      'release.live',
      'incident.resolved',
    ].map((type) => `dev.lastgood.${type}.v1`),
  )
  const lines = (await readFile(join(home.path, 'messages.jsonl'), 'utf8')).trim().split('\n')
  const ids = lines.map((line) => JSON.parse(line).id)
  expect(ids).toEqual([...new Set(ids)])
  expect(ids).toHaveLength(6)
  expect(await readFile(join(home.path, 'public/index.html'), 'utf8')).toContain('The problem is solved.')

  // Told is told: nothing more goes out.
  const before = services.taken.length
  await home.run('notify', 'flush')
  expect(services.taken).toHaveLength(before)
})
