import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { hostname, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { KEYS, StrictServices } from '../support/strict-services.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'

let service: TinyService
let services: StrictServices

beforeAll(async () => {
  services = await StrictServices.open()
  service = await openTinyService('messages', { instances: 1 })
})
afterAll(async () => {
  await service.close()
  await services[Symbol.asyncDispose]()
})

/** A commit subject that would be markup, and a secret that a person has typed into a reason. */
const PLANTED = 'hunter2-very-secret'
const secrets = {
  SLACK: '/services/T0/B0/a-secret-part',
  PAGER: KEYS.pagerduty,
  PUBLIC: KEYS.statuspage,
  DB_PASSWORD: PLANTED,
}

const notify = () => `
notify:
  sinks:
    log: { kind: file, path: ../messages.jsonl }
    ops: { kind: slack-webhook, webhook: "${services.url}\${SLACK}" }
    pager: { kind: pagerduty, routingKey: "\${PAGER}", api: "${services.url}" }
    public: { kind: statuspage, page: page1, token: "\${PUBLIC}", components: { Checkout: cmp1 }, api: "${services.url}" }
statusPage:
  folder: ../public
  title: Tiny <b>shop</b>
  components: [{ name: Checkout }]
`

const messages = async (): Promise<{ id: string; text: string }[]> => {
  const text = await readFile(join(service.repo, '../messages.jsonl'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const read = (file: string) => readFile(join(service.repo, '../public', file), 'utf8')

test('a deploy, a rollback, and everybody knows', async () => {
  await service.configure({ extra: notify(), env: { DB_PASSWORD: `\${DB_PASSWORD}` } })
  const lastgood = (...args: string[]) => service.lastgood(args, { env: secrets })
  await service.commit('1.0.0')
  expect((await lastgood('deploy', '--yes')).exit).toBe(0)
  await service.commit('1.1.0')
  expect((await lastgood('deploy', '--yes')).exit).toBe(0)
  expect(await read('index.html')).toContain('All systems work')

  // The sink is dead when it begins: the rollback is not a moment longer for it, and it hears of it afterwards.
  services.trouble = ['dead']
  const ran = await lastgood('rollback', 'r1', '--yes', '--reason', `checkout <!channel> fails ${PLANTED}`)
  expect(ran.exit, ran.stdout).toBe(0)
  const flushed = await lastgood('notify', 'flush')
  expect(flushed.stdout).toContain('Everybody was told.')
  expect(flushed.exit).toBe(0)

  const said = await messages()
  expect(said.map(({ id }) => id.replace(/[0-9a-f-]{36}/, 'RUN'))).toEqual([
    'change/RUN',
    'change/RUN',
    'i1/opened',
    // Whoever rolls back by hand has it.
    'i1/acknowledged',
    'i1/rollback-started/RUN',
    'i1/rolled-back/RUN',
    'change/RUN',
  ])
  expect(said.at(-2)?.text).toContain('Data: none lost: the database is not touched')
  expect(services.refused).toEqual([])
  expect([...services.alerts.values()]).toEqual([{ state: 'acknowledged', triggers: 1 }])
  expect(services.changes.map(({ payload }) => payload.summary)).toEqual([
    expect.stringContaining('r1 (v1.0.0'),
    expect.stringContaining('r2 (v1.1.0'),
    expect.stringContaining('rolled back to r1'),
  ])
  expect(services.incidents).toHaveLength(1)
  expect(services.incidents[0]).toMatchObject({
    status: 'monitoring',
    components: { cmp1: 'degraded_performance' },
  })

  const [html, atom, json] = [await read('index.html'), await read('feed.atom'), await read('feed.json')]
  expect(html).toContain('Tiny &lt;b&gt;shop&lt;/b&gt;')
  expect(html).toContain('We have gone back to an earlier version')
  // Nothing internal is on what customers see: no reason, no release, no host, no account.
  const shown = [html, atom, json, await read('status.json'), JSON.stringify(services.incidents)].join('\n')
  for (const inside of ['fails', 'v1.1.0', 'r2', service.home, `${userInfo().username}@`, hostname(), '<!'])
    expect(shown.replaceAll('<!doctype', '').includes(inside), inside).toBe(false)

  const list = await lastgood('notify', 'list')
  const everything = [
    ran.stdout,
    flushed.stdout,
    list.stdout,
    JSON.stringify(said),
    JSON.stringify(services.slack),
    JSON.stringify(services.taken.map(({ body }) => ({ ...body, routing_key: '' }))),
    shown,
    (await lastgood('journal', 'export')).stdout,
  ].join('\n')
  for (const secret of [PLANTED, 'a-secret-part', KEYS.pagerduty, KEYS.statuspage])
    expect(everything.includes(secret), secret).toBe(false)
})

test('doctor names what is wrong with a template, and the message still goes out', async () => {
  await mkdir(join(service.repo, 'ops'))
  const own = '{{severity}} {{nonsense}}\n**Data**: {{dataLoss}}\n'
  await writeFile(join(service.repo, 'ops/incident.responders.md'), own)
  await service.configure({ extra: notify().replace('notify:', 'notify:\n  templates: ops') })
  const doctor = await service.lastgood(['doctor'], { env: secrets })
  expect(doctor.stdout).toMatch(/! templates +incident\.responders\.md: \{\{nonsense\}\} is no variable here/)
  expect(doctor.stdout).toMatch(/✓ messages +go to log, ops, pager, public/)
})

test('notify test goes to each, says that it is one, and publishes nothing', async () => {
  const before = services.incidents.length
  const tried = await service.lastgood(['notify', 'test'], { env: secrets })
  expect(tried.exit, tried.stdout).toBe(0)
  expect(tried.stdout.match(/✓ (log|ops|pager|public) /g)).toHaveLength(4)
  expect(JSON.stringify(services.slack.at(-1)?.body)).toContain('[TEST] tiny')
  expect(services.incidents).toHaveLength(before)
  const other = await service.lastgood(['notify', 'test', 'nobody'], { env: secrets })
  expect(other).toMatchObject({ exit: 11, stdout: expect.stringContaining('Known: log, ops, pager, public') })
})
