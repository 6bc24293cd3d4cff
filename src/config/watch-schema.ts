import * as z from 'zod'
import { DEFAULT_MODES } from '../domain/default-watch.ts'
import type { FlowStep } from '../domain/flow.ts'
import { isLoopback, parseAddress } from '../domain/listen-address.ts'
import { TRIGGERS, type Trigger, type TriggerMode } from '../domain/trigger.ts'
import type { WatchConfiguration } from '../domain/watch-configuration.ts'
import { flowsSchema, refuseTwins } from './flow-schema.ts'
import { choiceOf, duration, expecting, flag, mapOf, numberBetween, share, textOf } from './scalar-schemas.ts'
import { signalsSchema } from './signals-schema.ts'
import { nameOfCheck } from './smoke-schema.ts'

const MEANINGS: Record<Trigger, string> = {
  'error-rate': 'More server errors than errorRate.',
  slowdown: 'Slower than the baseline by more than slowdown.',
  critical: 'A flow fails.',
  corruption: 'An invariant is broken, twice.',
  security: 'A known vulnerability in what the release brings.',
  'fix-forward': 'An open finding older than fixForward.',
  'crash-loop': 'Instances end and are restarted, again and again.',
  unresponsive: 'An instance is there and never answers.',
  memory: 'Instances grow by more than memoryGrowth.',
  sessions: 'More of the sessions are gone than sessions.drop.',
  silence: 'No request comes any more.',
  alert: 'Alertmanager says so.',
}

const mode = (trigger: Trigger) =>
  choiceOf('mode', ['off', 'record', 'ask', 'act'])
    .default(DEFAULT_MODES[trigger])
    .describe(MEANINGS[trigger])

const triggersSchema = mapOf(
  'a map of triggers to off, record, ask or act',
  Object.fromEntries(TRIGGERS.map((trigger) => [trigger, mode(trigger)])) as Record<
    Trigger,
    ReturnType<typeof mode>
  >,
)

const sqlText = z.string({ error: expecting('a query') }).regex(/\S/, { error: 'must be a query' })

const invariantsSchema = z
  .array(
    mapOf('a map with a name and sql', {
      name: textOf('a short name on one line', /^\S[^\n]*$/).describe('What it is called: orders add up.'),
      sql: sqlText.describe(
        'One row with one column: 0 or true is well, any other number or false is a violation. It is read-only.',
      ),
      every: duration(1_000).prefault('30s').describe('Time between two looks.'),
      timeout: duration(10).prefault('5s').describe('A query that takes longer is ended and tells nothing.'),
    }),
    { error: expecting('a list of invariants') },
  )
  .superRefine((invariants, context) => refuseTwins(invariants, 'invariant', context))

const AN_ADDRESS = 'an address such as 127.0.0.1:9301'

const listenSchema = mapOf('a map with an address', {
  address: z
    .string({ error: expecting(AN_ADDRESS) })
    .refine((text) => parseAddress(text) !== null, { error: `must be ${AN_ADDRESS}` })
    .describe('Host and port: 127.0.0.1:9301'),
  token: textOf('at least 8 visible characters', /^[\x21-\x7e]{8,}$/)
    .nullable()
    .default(null)
    .describe('What Alertmanager must send as Bearer (http_config.authorization). null: nothing is asked.'),
}).refine(({ address, token }) => token !== null || isLoopback(parseAddress(address)?.host ?? ''), {
  path: ['address'],
  error: 'can be reached from other hosts: set a token, or listen on 127.0.0.1',
})

export const watchSchema = mapOf('a map', {
  policy: choiceOf('policy', ['ask', 'act'])
    .default('ask')
    .describe(
      'The most that is done by itself: ask proposes a rollback and waits for a person, act rolls back.',
    ),
  countdown: duration(0, 3_600_000)
    .prefault('30s')
    .describe('Under act: time from the verdict to the rollback, in which it can be cancelled.'),
  every: duration(100, 60_000).prefault('1s').describe('Time between two looks at the counters.'),
  burstTolerance: duration(2_000, 600_000)
    .prefault('10s')
    .describe('How long a total outage may be and still be a blip that passes.'),
  falseAlarm: numberBetween(1e-9, 0.05)
    .prefault(0.001)
    .describe('Chance that a healthy release is ever found bad by one trigger.'),
  errorRate: share(0.1, 90).prefault('5%').describe('A release with more server errors than this is bad.'),
  slowdown: share(5, 1_000).prefault('50%').describe('A release slower than the baseline by more is bad.'),
  fixForward: duration(1_000)
    .prefault('30m')
    .describe('How long a finding may stay open for a fix until going back is proposed.'),
  recovery: mapOf('a map', {
    errorRate: share(0.01, 90).prefault('1%').describe('Fewer server errors than this is well again.'),
    slowdown: share(0, 1_000).prefault('10%').describe('Slower than the baseline by less is well again.'),
  })
    .prefault({})
    .describe('When a service is well again after a rollback.'),
  triggers: triggersSchema
    .prefault({})
    .describe(
      'What becomes of a finding: off (not looked at), record, ask or act. The policy ask makes every act an ask.',
    ),
  signals: signalsSchema.prefault({}).describe('Where the counters of the releases come from.'),
  flows: flowsSchema.prefault([]).describe('What a user does, tried by lastgood: log in, search, check out.'),
  invariants: invariantsSchema.prefault([]).describe('Queries that tell whether the data is sound.'),
  security: mapOf('a map', {
    audit: flag().prefault(false).describe("Run npm audit against the release's own lockfile."),
    advisories: z
      .string({ error: expecting('a file or a folder') })
      .min(1, 'must be a file or a folder')
      .nullable()
      .default(null)
      .describe(
        'A file with advisories in OSV format, or a folder of them, relative to this file. null: none.',
      ),
    level: choiceOf('severity', ['low', 'moderate', 'high', 'critical'])
      .default('high')
      .describe('The least severity that is a finding.'),
    every: duration(1_000).prefault('1h').describe('Time between two looks.'),
  })
    .prefault({})
    .describe('Known vulnerabilities in what a release brings.'),
  sessions: mapOf('a map', {
    sql: sqlText
      .nullable()
      .default(null)
      .describe(
        'A query for the number of sessions now. null: the metric signals.sessions, if there is one.',
      ),
    drop: share(1, 100).prefault('50%').describe('Share of the sessions at the switch that may be gone.'),
    every: duration(1_000).prefault('30s').describe('Time between two looks.'),
  })
    .prefault({})
    .describe("The users' sessions."),
  memoryGrowth: share(10, 10_000)
    .prefault('100%')
    .describe('How much more memory an instance may take than one of the last proven release did.'),
  listen: listenSchema
    .nullable()
    .default(null)
    .describe('Where Alertmanager may post its notifications (webhook_configs). null: nowhere.'),
})
  .refine((watch) => watch.every * 2 <= watch.burstTolerance, {
    path: ['every'],
    error: 'must be at most half of burstTolerance',
    when: ({ value }) => hasNumbers(value, 'every', 'burstTolerance'),
  })
  .refine((watch) => watch.recovery.errorRate <= watch.errorRate, {
    path: ['recovery', 'errorRate'],
    error: 'must not be more than errorRate',
    when: ({ value }) =>
      hasNumbers(value, 'errorRate') && hasNumbers(Reflect.get(value, 'recovery'), 'errorRate'),
  })
  .refine((watch) => watch.recovery.slowdown <= watch.slowdown, {
    path: ['recovery', 'slowdown'],
    error: 'must not be more than slowdown',
    when: ({ value }) =>
      hasNumbers(value, 'slowdown') && hasNumbers(Reflect.get(value, 'recovery'), 'slowdown'),
  })
  .refine(({ signals }) => signals.from !== 'prometheus' || signals.url !== null, {
    path: ['signals', 'url'],
    error: 'is missing: from: prometheus needs the URL of the server',
    when: ({ value }) => value instanceof Object && Reflect.get(value, 'signals') instanceof Object,
  })

/** What is well already; the rest of the file may still be wrong, and is said together with it. */
function hasNumbers(value: unknown, ...names: string[]): value is object {
  return value instanceof Object && names.every((name) => typeof Reflect.get(value, name) === 'number')
}

/** File form in, domain form out. `timeoutMs`: what a step may take that says nothing else. */
export function watchOf(file: z.output<typeof watchSchema>, timeoutMs: number): WatchConfiguration {
  const { countdown, every, burstTolerance, fixForward, signals, security, sessions, listen, ...rest } = file
  const { timeout, ...source } = signals
  return {
    ...rest,
    countdownMs: countdown,
    everyMs: every,
    burstToleranceMs: burstTolerance,
    fixForwardMs: fixForward,
    triggers: file.triggers satisfies Record<Trigger, TriggerMode>,
    signals: {
      ...source,
      url: source.from === 'prometheus' ? baseOf(source.url) : source.url,
      timeoutMs: timeout,
    },
    flows: file.flows.map((flow) => ({
      name: flow.name,
      everyMs: flow.every,
      steps: flow.steps.map((step) => stepOf(step, timeoutMs)),
      cleanup: flow.cleanup.map((step) => stepOf(step, timeoutMs)),
    })),
    invariants: file.invariants.map(({ every: everyMs, timeout: timeoutMs, ...invariant }) => ({
      ...invariant,
      everyMs,
      timeoutMs,
    })),
    security: { ...withoutEvery(security), everyMs: security.every },
    sessions: { ...withoutEvery(sessions), everyMs: sessions.every },
    listen: listen === null ? null : listenOf(listen),
  }
}

type FileStep = z.output<typeof flowsSchema>[number]['steps'][number]

function stepOf({ within, ...step }: FileStep, timeoutMs: number): FlowStep {
  return { ...step, name: nameOfCheck(step), withinMs: within ?? timeoutMs }
}

/** Of a server: what `/api/v1/query` is put behind. A page's url is left as it is. */
function baseOf(url: string | null): string | null {
  return url?.replace(/\/+$/, '') ?? null
}

function withoutEvery<T extends { every: number }>({ every: _, ...rest }: T): Omit<T, 'every'> {
  return rest
}

function listenOf({ address, token }: { address: string; token: string | null }) {
  const parsed = parseAddress(address)
  return parsed === null ? null : { ...parsed, token }
}
