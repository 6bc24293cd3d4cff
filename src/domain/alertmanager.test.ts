import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseNotification } from './alertmanager.ts'

const hash = (text: string) => `<${text}>`

function alert(changes: object = {}) {
  return {
    status: 'firing',
    labels: { alertname: 'High5xx', severity: 'critical' },
    annotations: { summary: 'half of it fails' },
    startsAt: '2026-11-23T14:02:11.123456789Z',
    endsAt: '0001-01-01T00:00:00Z',
    fingerprint: 'f1',
    ...changes,
  }
}

const notification = (...alerts: object[]) => ({
  version: '4',
  groupKey: '{}:{}',
  status: 'firing',
  alerts,
  truncatedAlerts: 2,
})

function parse(body: unknown) {
  const parsed = parseNotification(body, hash)
  if (!parsed.ok) throw new Error(parsed.why)
  return parsed.notification
}

test('reads what is there, and passes over what is new', () => {
  const { key, ...rest } = parse({
    ...notification(alert({ colour: 'red' })),
    notification_reason: 'none',
    routeLabels: {},
  })
  expect(rest).toEqual({
    groupKey: '{}:{}',
    status: 'firing',
    truncated: 2,
    alerts: [
      {
        fingerprint: 'f1',
        status: 'firing',
        name: 'High5xx',
        severity: 'critical',
        summary: 'half of it fails',
        startsAt: '2026-11-23T14:02:11.123456789Z',
        endsAt: null,
        labels: { alertname: 'High5xx', severity: 'critical' },
      },
    ],
  })
  expect(key).toContain('f1')
})

test('does with little: no labels, no fingerprint, no annotations', () => {
  const { alerts } = parse({
    groupKey: 'g',
    status: 'resolved',
    alerts: [{ status: 'resolved', startsAt: 't', endsAt: 'u', labels: { a: 'b', n: 3 } }],
  })
  const fingerprint = '<[["a","b"]]>'
  expect(alerts).toEqual([
    {
      fingerprint,
      status: 'resolved',
      name: fingerprint,
      severity: null,
      summary: null,
      startsAt: 't',
      endsAt: 'u',
      labels: { a: 'b' },
    },
  ])
  expect(parse(notification(alert({ annotations: { description: 'more' } }))).alerts[0]?.summary).toBe('more')
  expect(parse(notification(alert({ endsAt: '2030-01-01T00:00:00Z' }))).alerts[0]?.endsAt).toBeNull()
})

test('the key is that of what happened: not of the order, nor of how often it is told', () => {
  const a = alert()
  const b = alert({ fingerprint: 'f2' })
  const { key } = parse(notification(a, b))
  expect(parse({ ...notification(b, a), notification_reason: 'repeat interval elapsed' }).key).toBe(key)
  const others = [
    notification(a),
    notification(a, { ...b, status: 'resolved' }),
    notification(a, { ...b, startsAt: '2026-11-23T15:00:00Z' }),
    { ...notification(a, b), groupKey: '{}:{x="y"}' },
    { ...notification(a, b), status: 'resolved' },
  ]
  expect(new Set([key, ...others.map((each) => parse(each).key)]).size).toBe(others.length + 1)
})

test.each([
  [null, 'it is no JSON object'],
  [[], 'it is no JSON object'],
  [{ ...notification(), version: '5' }, 'its version is 5, and 4 is known here'],
  [{ ...notification(), groupKey: 1 }, 'it has no groupKey'],
  [{ ...notification(), status: 'on fire' }, 'its status is neither firing nor resolved'],
  [{ ...notification(), alerts: {} }, 'it has no list of alerts'],
  [notification(alert(), null as unknown as object), 'alert 2: it is no JSON object'],
  [notification(alert({ status: 1 })), 'alert 1: its status is neither firing nor resolved'],
  [notification(alert({ startsAt: 0 })), 'alert 1: it does not say when it began'],
])('is no notification: %j', (body, why) => {
  expect(parseNotification(body, hash)).toEqual({ ok: false, why })
})

test('whatever comes, it is a notification or the reason why not', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      const parsed = parseNotification(body, hash)
      expect(parsed.ok || parsed.why !== '').toBe(true)
    }),
  )
})
