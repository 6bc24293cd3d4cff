import type { DeliveryState, OutboxEntry } from '../domain/notify/outbox.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { formatAge, formatTable } from '../render/format.ts'
import { parseWait } from './parse-wait.ts'
import { pumpOutbox } from './pump-outbox.ts'
import { readOutbox } from './read-outbox.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

const SHOWN_MS = 7 * 24 * 60 * 60_000
const STEP_MS = 5_000

export async function list(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const { screen, options } = input
  const now = session.clock.now()
  const outbox = await readOutbox(session)
  const entries = [...outbox.values()].filter(
    ({ queuedAt }) => options.all === true || now - Date.parse(queuedAt) < SHOWN_MS,
  )
  const rows = entries.flatMap((entry) =>
    [...entry.deliveries].map(([sink, delivery]) => rowOf(entry, sink, delivery, now)),
  )
  if (rows.length === 0)
    screen.line(outbox.size === 0 ? 'Nothing was told yet.' : 'Nothing in the last 7 days: --all')
  else
    screen.lines(
      formatTable([['message', 'sink', 'state', 'tries', 'when', 'answer'], ...rows], screen.width),
    )
  return {
    exit: 0,
    document: {
      messages: entries.map(({ seq, queuedAt, message, deliveries }) => ({
        seq,
        queuedAt,
        ...message,
        deliveries: Object.fromEntries(deliveries),
      })),
    },
  }
}

function rowOf(
  { message, queuedAt }: OutboxEntry,
  sink: string,
  delivery: DeliveryState,
  now: number,
): string[] {
  const { status, attempts, note, dueAt, at } = delivery
  const again =
    status === 'pending' && attempts > 0 && dueAt !== null ? `again in ${secondsUntil(dueAt, now)}: ` : ''
  return [message.id, sink, status, String(attempts), formatAge(at ?? queuedAt, now), `${again}${note ?? ''}`]
}

function secondsUntil(dueAt: number, now: number): string {
  return `${Math.max(0, Math.ceil((dueAt - now) / 1_000))} s`
}

export async function flush(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: true })
  requireSinks(session)
  const giveUpAt = session.clock.now() + parseWait(input.options.wait, 60_000)
  const stop = new AbortController()
  const stopListening = input.world.onInterrupt(() => stop.abort())
  try {
    return await untilThrough(input, session, giveUpAt, stop.signal)
  } finally {
    stopListening()
  }
}

async function untilThrough(
  input: CommandInput,
  session: Session,
  giveUpAt: number,
  signal: AbortSignal,
): Promise<CommandResult> {
  for (;;) {
    const left = Math.max(STEP_MS, giveUpAt - session.clock.now())
    const pumped = await pumpOutbox(session, { budgetMs: left, signal })
    const waiting = pumped?.waiting ?? []
    const [problem] = pumped?.problems ?? []
    const next = Math.min(...waiting.map(({ dueAt }) => dueAt ?? Number.POSITIVE_INFINITY))
    const hopeless = signal.aborted || next > giveUpAt
    if (pumped?.busy === false && (waiting.length === 0 || hopeless)) {
      if (problem !== undefined) return { exit: problem.exit, document: { waiting }, error: problem }
      if (waiting.length === 0) {
        input.screen.line('Everybody was told.', 'green')
        return { exit: 0, document: { waiting } }
      }
      const detail = waiting.map(({ sink, note }) => `${sink}: ${note ?? 'not tried'}`).join('; ')
      const error = new OperatorError('NOT_TOLD', { count: waiting.length, detail })
      return { exit: error.exit, document: { waiting }, error }
    }
    if (hopeless) {
      const error = new OperatorError('NOT_TOLD', { count: 'some', detail: 'another lastgood is telling' })
      return { exit: error.exit, document: { waiting }, error }
    }
    await session.clock.sleep(Math.min(500, Math.max(50, next - session.clock.now())), signal)
  }
}

export function requireSinks({ configuration, configPath }: Session): void {
  const { notify, statusPage } = configuration
  if (notify.sinks.length === 0 && statusPage === null)
    throw new OperatorError('NO_SINKS', { config: configPath })
}
