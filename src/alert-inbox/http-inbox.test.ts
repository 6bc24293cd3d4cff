import { request } from 'node:http'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import { startAlertmanager } from '../../lab/prometheus/start-server.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import type { AlertNotification } from '../domain/alertmanager.ts'
import { httpInbox } from './http-inbox.ts'

const TOKEN = 'knock-knock-knock'
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` }

/** As Alertmanager 0.34 sends it. */
const NOTIFICATION = {
  receiver: 'rollback',
  status: 'firing',
  alerts: [
    {
      status: 'firing',
      labels: { alertname: 'High5xx', severity: 'critical' },
      annotations: { summary: 'half of it fails', runbook_url: 'http://wiki' },
      startsAt: '2026-11-23T14:02:11.123456789Z',
      endsAt: '0001-01-01T00:00:00Z',
      generatorURL: 'http://prom/graph',
      fingerprint: '8a07086b74f3ba78',
    },
  ],
  notification_reason: 'first notification',
  version: '4',
  groupKey: '{}:{alertname="High5xx"}',
  truncatedAlerts: 0,
}

let taken: AlertNotification[]
let refuse: boolean
let tries: number
let inbox: Awaited<ReturnType<typeof httpInbox.open>>
beforeEach(async () => {
  taken = []
  refuse = false
  tries = 0
  inbox = await httpInbox.open({ host: '127.0.0.1', port: 0, token: TOKEN }, async (notification) => {
    tries++
    if (refuse) throw new Error('the journal is away: postgres://secret')
    taken.push(notification)
  })
})
afterEach(() => inbox.close())

async function post(body: string, headers: Record<string, string> = AUTHORIZED, path = '', method = 'POST') {
  const response = await fetch(inbox.url + path, { method, headers, ...(method === 'GET' ? {} : { body }) })
  return `${response.status} ${(await response.text()).trim()}`
}

test('takes a notification, and each of its repetitions with the same key', async () => {
  const text = JSON.stringify(NOTIFICATION)
  expect(await Promise.all([post(text), post(text)])).toEqual(['200 taken', '200 taken'])
  expect(taken[0]).toMatchObject({ status: 'firing', alerts: [{ name: 'High5xx', endsAt: null }] })
  expect(taken[1]?.key).toBe(taken[0]?.key)
})

test('what could not be taken is to come again, and nobody outside learns why', async () => {
  refuse = true
  expect(await post(JSON.stringify(NOTIFICATION))).toBe('503 not taken: send it again')
  refuse = false
  expect(await post(JSON.stringify(NOTIFICATION))).toBe('200 taken')
})

test.each<[string, string, Record<string, string>, string, string, string]>([
  ['without the token', '{}', {}, '', 'POST', '401 the token is missing or wrong'],
  [
    'with a wrong one',
    '{}',
    { authorization: 'Bearer knock-knock-knock!' },
    '',
    'POST',
    '401 the token is missing or wrong',
  ],
  [
    'with another scheme',
    '{}',
    { authorization: `Basic ${TOKEN}` },
    '',
    'POST',
    '401 the token is missing or wrong',
  ],
  ['elsewhere', '{}', AUTHORIZED, '/x', 'POST', '404 there is /alerts and nothing else'],
  ['with GET', '', AUTHORIZED, '', 'GET', '405 post to it'],
  ['no JSON', 'hello', AUTHORIZED, '', 'POST', '400 no notification: it is no JSON'],
  ['something else', '[]', AUTHORIZED, '', 'POST', '400 no notification: it is no JSON object'],
  [
    '10 MB',
    ' '.repeat(10_000_000),
    AUTHORIZED,
    '',
    'POST',
    '413 more than 4 MB: set max_alerts in Alertmanager',
  ],
])('refuses what comes %s', async (_, body, headers, path, method, expected) => {
  expect(await post(body, headers, path, method)).toBe(expected)
  expect(taken).toEqual([])
})

test('a body that comes in pieces and never ends is refused too', async () => {
  const status = await new Promise((resolve, reject) => {
    const sent = request(inbox.url, { method: 'POST', headers: AUTHORIZED }, (response) => {
      resolve(response.statusCode)
      sent.destroy()
    })
    sent.on('error', reject)
    // Too much already, and the end does not come. Nothing is sent after it: whoever is still sending when the other side
    // hangs up may hear of that alone.
    sent.write(Buffer.alloc(5 * 1024 * 1024, 32))
  })
  expect(status).toBe(413)
})

test('an address that is taken, or is none of this host, is said', async () => {
  const { port } = new URL(inbox.url)
  const take = async () => {}
  await expect(
    httpInbox.open({ host: '127.0.0.1', port: Number(port), token: null }, take),
  ).rejects.toMatchObject({
    code: 'CANNOT_LISTEN',
    message: `Nobody can listen for Alertmanager on 127.0.0.1:${port}: EADDRINUSE.`,
  })
  await expect(httpInbox.open({ host: '192.0.2.1', port: 1, token: null }, take)).rejects.toMatchObject({
    code: 'CANNOT_LISTEN',
  })
})

test('without a token nobody is asked for one', async () => {
  const open = await httpInbox.open({ host: '127.0.0.1', port: 0, token: null }, async () => {})
  const response = await fetch(open.url, { method: 'POST', body: JSON.stringify(NOTIFICATION) })
  expect(response.status).toBe(200)
  await response.text()
  await open.close()
})

let lab: Lab
beforeAll(async () => {
  lab = await openLab({ name: 'alerts' })
})
afterAll(() => lab.close())

test('the real Alertmanager: sent again until it is taken, and resolved', async () => {
  const { url } = await startAlertmanager(lab, { url: inbox.url, token: TOKEN })
  const alert = (endsAt: string | null) => ({
    labels: { alertname: 'High5xx', severity: 'critical' },
    annotations: { summary: 'half of it fails' },
    ...(endsAt === null ? {} : { endsAt }),
  })
  const send = async (endsAt: string | null) => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify([alert(endsAt)])
    expect((await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body })).status).toBe(200)
  }
  refuse = true
  await send(null)
  await waitUntil(() => tries > 1, { what: 'a second try' })
  refuse = false
  const firing = await waitUntil(() => taken[0], { what: 'the alert' })
  expect(firing).toMatchObject({
    status: 'firing',
    truncated: 0,
    alerts: [
      {
        name: 'High5xx',
        status: 'firing',
        severity: 'critical',
        summary: 'half of it fails',
        endsAt: null,
        fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ],
  })
  await send(new Date().toISOString())
  const resolved = await waitUntil(() => taken.find(({ status }) => status === 'resolved'), {
    what: 'its end',
  })
  expect(resolved.alerts).toMatchObject([{ status: 'resolved', endsAt: expect.stringContaining('T') }])
  expect(resolved.key).not.toBe(firing.key)
})
