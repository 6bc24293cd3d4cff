import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HOSTILE, messageFor, publicMessageFor, settingsFor } from '../../test/support/messages.ts'
import { StrictServices } from '../../test/support/strict-services.ts'
import type { LiveMessage, Receipt } from '../domain/notify/message.ts'
import { oneLine } from '../domain/notify/message-text.ts'
import type { Delivery, OutsideSink } from '../ports/sink.ts'
import { cloudEvents } from './cloud-events.ts'
import { githubIssue } from './github-issue.ts'
import { pagerDuty } from './pagerduty.ts'
import { slackCard } from './slack-card.ts'
import { slackWebhook } from './slack-webhook.ts'
import { statuspage } from './statuspage.ts'

let services: StrictServices
beforeEach(async () => {
  services = await StrictServices.open()
})
afterEach(() => services[Symbol.asyncDispose]())

const never = new AbortController().signal

const outside = {
  'slack-webhook': () => slackWebhook(settingsFor(services.url)['slack-webhook']),
  'slack-bot': () => slackCard(settingsFor(services.url)['slack-bot']),
  pagerduty: () => pagerDuty(settingsFor(services.url).pagerduty),
  webhook: () => cloudEvents(settingsFor(services.url).webhook),
  github: () => githubIssue(settingsFor(services.url).github),
}
const toCustomers = () => statuspage(settingsFor(services.url).statuspage)

/** As the outbox would: the receipt of one is given to the next. */
async function say(sink: OutsideSink, ...messages: LiveMessage[]): Promise<Delivery[]> {
  const deliveries: Delivery[] = []
  let receipt: Receipt | null = null
  for (const message of messages) {
    const delivery = await sink.deliver(message, receipt, never)
    if (delivery.outcome !== 'failed') receipt = delivery.receipt ?? receipt
    deliveries.push(delivery)
  }
  return deliveries
}

const resolved = messageFor({ id: 'i7/resolved', occasion: 'resolved' })
const started = messageFor({ id: 'i7/rollback-started/run-1', occasion: 'rollback-started' })

/** Longer than any service takes, and full of what each of them reads something into. */
const huge = messageFor({
  text: {
    title: oneLine(HOSTILE.repeat(20), 2_000),
    lines: Array.from({ length: 120 }, (_, n) =>
      n % 3 === 0
        ? { line: 'field' as const, label: oneLine(HOSTILE, 40), text: oneLine(HOSTILE.repeat(40), 4_000) }
        : {
            line: n % 3 === 1 ? ('item' as const) : ('plain' as const),
            text: oneLine('<&>'.repeat(2_000), 6_000),
          },
    ),
  },
})

describe.each(Object.entries(outside))('%s', (kind, make) => {
  test('a whole incident is taken by a service that enforces its limits', async () => {
    const deliveries = await say(make(), messageFor(), started, resolved)
    expect(deliveries.map(({ outcome }) => outcome)).toEqual(
      Array(3).fill(kind === 'pagerduty' ? expect.stringMatching(/sent|confirmed/) : 'confirmed'),
    )
    expect(services.refused).toEqual([])
  })

  test('what is too long or hostile is cut and inert', async () => {
    const [delivery] = await say(make(), huge)
    expect(services.refused).toEqual([])
    expect(delivery?.outcome).toMatch(/sent|confirmed/)
  })

  test.each([
    [
      { status: 429, headers: { 'retry-after': '7' } },
      { outcome: 'retry', afterMs: 7_000 },
    ],
    [
      { status: 503, body: '<h1>down</h1>' },
      { outcome: 'retry', afterMs: null },
    ],
    ['dead', { outcome: 'retry' }],
    ['garbage', { outcome: kind === 'webhook' ? 'confirmed' : 'retry' }],
    ['redirect', { outcome: 'failed', why: expect.stringContaining('redirect') }],
    [{ status: 410, body: 'gone' }, { outcome: 'failed' }],
  ] as const)('answered by %j', async (trouble, expected) => {
    services.trouble = [trouble]
    expect(await make().deliver(messageFor(), null, never)).toMatchObject(expected)
    expect(services.taken.some(({ path }) => path === '/elsewhere')).toBe(false)
  })

  test('one that never answers is left when the time is over', async () => {
    services.trouble = ['silent']
    const delivery = await make().deliver(messageFor(), null, AbortSignal.timeout(50))
    expect(delivery).toMatchObject({ outcome: 'retry', note: 'no answer in time' })
  })

  test('killed between sending and noting it: said again, it is one incident', async () => {
    const sink = make()
    const first = await sink.deliver(messageFor(), null, never)
    const again = await sink.deliver(messageFor(), null, never)
    expect(again.outcome).toBe(first.outcome)
    const incidents = {
      // Nothing to tell it by: at least once is all that a webhook of Slack's can do.
      'slack-webhook': 1,
      'slack-bot': services.slack.filter(({ thread }) => thread === null).length,
      pagerduty: services.alerts.size,
      webhook: services.events.length,
      github: services.issues.length,
    }
    expect(incidents[kind as keyof typeof incidents]).toBe(1)
    await sink.deliver(resolved, { issue: '1', ts: 'gone', channel: 'C0123456789' }, never)
    await sink.deliver(resolved, { issue: '1', ts: 'gone', channel: 'C0123456789' }, never)
    expect(services.issues.flatMap(({ comments }) => comments)).toHaveLength(kind === 'github' ? 1 : 0)
  })
})

describe('slack', () => {
  test('the webhook gets exactly this', async () => {
    await say(outside['slack-webhook'](), messageFor())
    expect(services.taken[0]?.body).toEqual({
      text: '🔴 SEV-1 · Checkout errors after v1.8.0',
      blocks: [
        {
          type: 'header',
          text: { type: 'plain_text', text: '🔴 SEV-1 · Checkout errors after v1.8.0', emoji: true },
        },
        {
          type: 'section',
          fields: [
            { type: 'mrkdwn', text: '*Status*\nRolling back', verbatim: true },
            { type: 'mrkdwn', text: '*Impact*\n31% of checkouts fail', verbatim: true },
          ],
        },
        {
          type: 'section',
          text: {
            type: 'mrkdwn',
            text: '*Timeline*\n• 14:02 UTC - Issue detected\nData: none lost',
            verbatim: true,
          },
        },
        {
          type: 'context',
          elements: [
            {
              type: 'mrkdwn',
              text: 'store · i7 · <!date^1795444800^Next update {time}|Next update 14:40 UTC> · <https://ops.example.com/i/7|more>',
              verbatim: true,
            },
          ],
        },
      ],
    })
  })

  test('the card is one message that changes, and each change a reply below it', async () => {
    await say(outside['slack-bot'](), messageFor(), started, resolved)
    const [card, ...replies] = services.slack
    expect(card?.thread).toBe(null)
    expect(replies.map(({ thread }) => thread)).toEqual([card?.ts, card?.ts])
    expect(services.taken.filter(({ path }) => path.endsWith('chat.update'))).toHaveLength(2)
  })

  test('a card that is gone is posted anew, a page mentions its person', async () => {
    const receipt = { ts: '1.1', channel: 'C0123456789' }
    expect(await outside['slack-bot']().deliver(started, receipt, never)).toMatchObject({
      outcome: 'confirmed',
      receipt: { ts: services.slack[0]?.ts },
    })
    const person = { name: 'ann', email: null, slack: 'U012AB' }
    await say(outside['slack-webhook'](), messageFor({ occasion: 'page', person }))
    expect(JSON.stringify(services.slack.at(-1)?.body)).toContain('*For* <@U012AB>')
  })

  test('an error that Slack calls its own is tried again; a wrong token is not', async () => {
    services.trouble = [{ status: 200, body: '{"ok":false,"error":"internal_error"}' }]
    const sink = outside['slack-bot']()
    expect(await sink.deliver(messageFor(), { ts: '1', channel: 'C' }, never)).toMatchObject({
      outcome: 'retry',
    })
    const wrong = slackCard({ ...settingsFor(services.url)['slack-bot'], token: 'xoxb-other' })
    expect(await wrong.deliver(messageFor(), null, never)).toEqual({
      outcome: 'failed',
      why: 'chat.postMessage: invalid_auth',
    })
  })
})

describe('pagerduty', () => {
  test('a trigger is exactly this, and the end of it reaches the same alert', async () => {
    const deliveries = await say(outside.pagerduty(), messageFor(), resolved)
    expect(services.taken[0]?.body).toEqual({
      routing_key: 'R0123456789ABCDEF0123456789ABCDE',
      event_action: 'trigger',
      dedup_key: 'lastgood-store-i7-1a2b3c4d',
      payload: {
        summary: '🔴 SEV-1 · Checkout errors after v1.8.0',
        source: 'store',
        severity: 'critical',
        timestamp: '2026-11-23T14:02:11.000Z',
        component: 'store',
        class: 'opened',
        custom_details: {
          release: 'r8 (v1.8.0)',
          target: 'r7 (v1.7.3)',
          incident: 'i7',
          severity: 'SEV-1',
          text: 'Status: Rolling back\nImpact: 31% of checkouts fail\n\nTimeline:\n- 14:02 UTC - Issue detected\nData: none lost',
        },
      },
      links: [{ href: 'https://ops.example.com/i/7', text: 'More' }],
      client: 'lastgood',
      client_url: 'https://ops.example.com/i/7',
    })
    expect(services.taken[1]?.body).toEqual({
      routing_key: 'R0123456789ABCDEF0123456789ABCDE',
      event_action: 'resolve',
      dedup_key: 'lastgood-store-i7-1a2b3c4d',
    })
    expect([...services.alerts.values()]).toEqual([{ state: 'resolved', triggers: 1 }])
    // Taken is not done: the end of it is said again.
    expect(deliveries).toMatchObject([{ afterMs: null }, { outcome: 'sent', afterMs: 0 }])
  })

  test('a deploy is a change event, and wakes nobody', async () => {
    await say(
      outside.pagerduty(),
      messageFor({ id: 'change/a', occasion: 'change', incident: null, key: 'change/a' }),
    )
    expect(services.alerts.size).toBe(0)
    expect(services.changes[0].payload.custom_details).toEqual({
      release: 'r8 (v1.8.0)',
      target: 'r7 (v1.7.3)',
    })
  })
})

describe('statuspage', () => {
  const ended = publicMessageFor({
    id: 'i7/resolved',
    occasion: 'resolved',
    facts: { status: 'resolved', impact: 'operational', components: ['Checkout'] },
  })

  test('created is exactly this; ended and all is well again in one request', async () => {
    const sink = toCustomers()
    const made = await sink.deliver(publicMessageFor(), null, never)
    expect(services.taken.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'GET /v1/pages/page1/incidents/unresolved',
      'POST /v1/pages/page1/incidents',
    ])
    expect(services.taken[1]?.body).toEqual({
      incident: {
        name: 'Store: we are looking into a problem',
        status: 'investigating',
        impact_override: 'critical',
        body: 'Some requests fail.',
        component_ids: ['cmp1'],
        components: { cmp1: 'major_outage' },
        metadata: { lastgood: { key: 'lastgood-store-i7-1a2b3c4d' } },
        deliver_notifications: false,
      },
    })
    expect(made).toMatchObject({ outcome: 'confirmed', receipt: { id: 'sp1' } })
    await sink.deliver(ended, { id: 'sp1' }, never)
    expect(services.taken.slice(2).map(({ method }) => method)).toEqual(['PATCH'])
    expect(services.incidents[0].status).toBe('resolved')
    expect(services.components.get('cmp1')).toBe('operational')
  })

  test('killed between sending and noting it: found by its key', async () => {
    await toCustomers().deliver(publicMessageFor(), null, never)
    await toCustomers().deliver(publicMessageFor(), null, never)
    expect(services.incidents).toHaveLength(1)
    expect(services.refused).toEqual([])
  })

  test('its two words for "too many" wait for its window; one that was removed there is made anew', async () => {
    services.trouble = [{ status: 420 }]
    expect(await toCustomers().deliver(publicMessageFor(), null, never)).toMatchObject({
      outcome: 'retry',
      afterMs: 60_000,
    })
    await toCustomers().deliver(publicMessageFor(), { id: 'sp9' }, never)
    expect(services.incidents).toHaveLength(1)
  })

  test('nothing was published: the end of it publishes nothing either; a test publishes nothing', async () => {
    expect(await toCustomers().deliver(ended, null, never)).toMatchObject({
      outcome: 'confirmed',
      receipt: null,
    })
    expect(await toCustomers().check(never)).toMatchObject({ outcome: 'confirmed' })
    expect(services.incidents).toEqual([])
    const wrong = statuspage({ ...settingsFor(services.url).statuspage, token: 'other' })
    expect(await wrong.check(never)).toMatchObject({ outcome: 'failed' })
  })
})

describe('github', () => {
  test('an issue, its comments, its end; nobody is mentioned and nothing is a link', async () => {
    const loud = messageFor({
      text: { title: oneLine(HOSTILE), lines: [{ line: 'plain', text: oneLine(HOSTILE) }] },
    })
    await say(outside.github(), loud, started, resolved)
    const [issue] = services.issues
    expect(issue).toMatchObject({ number: 1, state: 'closed' })
    expect(issue?.comments).toHaveLength(2)
    const shown = issue?.body.split('\n\n<!-- lastgood')[0]
    expect(shown).toBe(
      '&lt;\\!channel&gt; &lt;script&gt;alert\\(1\\)&lt;/script&gt; @<!-- -->team #<!-- -->1 \\[x\\]\\(javascript:x\\) \\*\\*Status\\*\\*: fine \\{\\{severity\\}\\} \\- a line  ',
    )
  })

  test('the secondary limit is a 403 that says when', async () => {
    services.trouble = [{ status: 403, headers: { 'retry-after': '30' } }]
    expect(await outside.github().deliver(messageFor(), null, never)).toMatchObject({
      outcome: 'retry',
      afterMs: 30_000,
    })
  })
})

test('the event is structured CloudEvents, and its signature is one that their own library takes', async () => {
  await say(outside.webhook(), messageFor())
  expect(services.events[0]).toMatchObject({
    specversion: '1.0',
    id: 'i7/opened',
    source: '/lastgood/store',
    type: 'dev.lastgood.incident.declared.v1',
    subject: 'i7',
    time: '2026-11-23T14:02:11.000Z',
    data: { key: 'lastgood-store-i7-1a2b3c4d', severity: 1 },
  })
})
