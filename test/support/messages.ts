import type { JournalEvent } from '../../src/domain/event.ts'
import type { LiveMessage, PublicMessage } from '../../src/domain/notify/message.ts'
import type { SinkSettings } from '../../src/domain/notify/notify-configuration.ts'
import { applyToOutbox, type Outbox } from '../../src/domain/notify/outbox.ts'
import { KEYS } from './strict-services.ts'

/** Everything that somebody could try, in one text. */
export const HOSTILE =
  '<!channel> <script>alert(1)</script> @team #1 [x](javascript:x) **Status**: fine {{severity}} \u202e\u0007\n- a line'

export function messageFor(changes: Partial<LiveMessage> = {}): LiveMessage {
  return {
    id: 'i7/opened',
    occasion: 'opened',
    incident: 'i7',
    key: 'lastgood-store-i7-1a2b3c4d',
    drill: false,
    person: null,
    facts: {
      service: 'store',
      title: 'Checkout errors after v1.8.0',
      severity: 1,
      state: 'mitigating',
      at: '2026-11-23T14:02:11.000Z',
      nextUpdate: '2026-11-23T14:40:00.000Z',
      link: 'https://ops.example.com/i/7',
      details: { release: 'r8 (v1.8.0)', target: 'r7 (v1.7.3)' },
    },
    text: {
      title: '🔴 SEV-1 · Checkout errors after v1.8.0',
      lines: [
        { line: 'field', label: 'Status', text: 'Rolling back' },
        { line: 'field', label: 'Impact', text: '31% of checkouts fail' },
        { line: 'gap' },
        { line: 'heading', text: 'Timeline' },
        { line: 'item', text: '14:02 UTC - Issue detected' },
        { line: 'plain', text: 'Data: none lost' },
      ],
    },
    ...changes,
  }
}

export function publicMessageFor(changes: Partial<PublicMessage> = {}): PublicMessage {
  return {
    id: 'i7/opened',
    occasion: 'opened',
    incident: 'i7',
    key: 'lastgood-store-i7-1a2b3c4d',
    text: {
      title: 'Store: we are looking into a problem',
      lines: [{ line: 'plain', text: 'Some requests fail.' }],
    },
    facts: { status: 'investigating', impact: 'major-outage', components: ['Checkout'] },
    ...changes,
  }
}

type Settings<K extends SinkSettings['kind']> = Extract<SinkSettings, { kind: K }>

/** Each sink as it is configured against {@link StrictServices}. */
export function settingsFor(url: string): { [K in SinkSettings['kind']]: Settings<K> } {
  const common = { reader: 'responders' as const }
  return {
    console: { kind: 'console', name: 'console', ...common },
    file: { kind: 'file', name: 'file', path: '/nowhere', ...common },
    'slack-webhook': {
      kind: 'slack-webhook',
      name: 'slack',
      webhook: `${url}/services/T0/B0/secretpart`,
      ...common,
    },
    'slack-bot': {
      kind: 'slack-bot',
      name: 'card',
      token: KEYS.slack,
      channel: 'C0123456789',
      api: `${url}/api`,
      ...common,
    },
    email: {
      kind: 'email',
      name: 'mail',
      smtp: 'smtp://127.0.0.1:1',
      from: 'Lastgood <lastgood@example.org>',
      to: ['ops@example.org', 'boss@example.org'],
      ...common,
    },
    pagerduty: { kind: 'pagerduty', name: 'pager', routingKey: KEYS.pagerduty, api: url, ...common },
    statuspage: {
      kind: 'statuspage',
      name: 'public',
      page: 'page1',
      token: KEYS.statuspage,
      components: { Checkout: 'cmp1', Search: 'cmp2' },
      notifySubscribers: false,
      api: url,
      reader: 'customers',
    },
    webhook: { kind: 'webhook', name: 'hook', url: `${url}/hook`, secret: KEYS.webhook, ...common },
    github: {
      kind: 'github',
      name: 'issues',
      repository: 'acme/store',
      token: KEYS.github,
      label: 'incident',
      api: url,
      ...common,
    },
  }
}

export function foldOutbox(events: readonly JournalEvent[]): Outbox {
  const outbox: Outbox = new Map()
  for (const event of events) applyToOutbox(outbox, event)
  return outbox
}
