import type { Trigger, TriggerMode } from './trigger.ts'
import type { WatchConfiguration } from './watch-configuration.ts'

/** What was measured may act; what needs a person's eye asks; silence alone says too little. */
export const DEFAULT_MODES: Record<Trigger, TriggerMode> = {
  'error-rate': 'act',
  slowdown: 'act',
  critical: 'act',
  corruption: 'act',
  security: 'ask',
  'fix-forward': 'ask',
  'crash-loop': 'act',
  unresponsive: 'act',
  memory: 'ask',
  sessions: 'ask',
  silence: 'record',
  alert: 'ask',
}

/** `watch:` of a file that does not say anything about it, and of a release that was built before there was such a section. */
export const DEFAULT_WATCH: WatchConfiguration = {
  policy: 'ask',
  countdownMs: 30_000,
  everyMs: 1_000,
  burstToleranceMs: 10_000,
  falseAlarm: 0.001,
  errorRate: 0.05,
  slowdown: 0.5,
  fixForwardMs: 1_800_000,
  recovery: { errorRate: 0.01, slowdown: 0.1 },
  triggers: DEFAULT_MODES,
  signals: {
    from: 'agent',
    url: null,
    path: '/metrics',
    headers: {},
    selector: '',
    requests: 'http_requests_total',
    duration: 'http_request_duration_seconds',
    sessions: null,
    statusLabel: 'status',
    errorStatus: '5..',
    releaseLabel: 'release',
    instanceLabel: 'instance',
    timeoutMs: 2_000,
  },
  flows: [],
  invariants: [],
  security: { audit: false, advisories: null, level: 'high', everyMs: 3_600_000 },
  sessions: { sql: null, drop: 0.5, everyMs: 30_000 },
  memoryGrowth: 1,
  listen: null,
}
