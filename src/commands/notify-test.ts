import { randomUUID } from 'node:crypto'
import type { LiveMessage } from '../domain/notify/message.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { Delivery, Sink } from '../ports/sink.ts'
import { requireSinks } from './notify.ts'
import type { CommandInput, CommandResult, Session } from './session.ts'

const TIMEOUT_MS = 15_000

/** Past the outbox: whether they work now is the question, and nothing of it belongs in the journal. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false, fresh: true })
  requireSinks(session)
  const { screen } = input
  const { sinks: portsOf } = await session.notify()
  const sinks = chooseSinks(await portsOf(), input.args.sink)
  const message = testMessage(session)
  const results = await Promise.all(
    sinks.map(async (sink) => ({ sink: sink.name, kind: sink.kind, ...(await tryOut(sink, message)) })),
  )
  for (const { sink, kind, outcome, note } of results) {
    const well = outcome === 'confirmed' || outcome === 'sent'
    screen.line(
      `${well ? screen.paint('✓', 'green') : screen.paint('✗', 'red')} ${sink} (${kind}): ${outcome}, ${note}`,
    )
  }
  const bad = results.filter(({ outcome }) => outcome !== 'confirmed' && outcome !== 'sent')
  if (bad.length === 0) return { exit: 0, document: { results } }
  const detail = bad.map(({ sink, note }) => `${sink}: ${note}`).join('; ')
  const error = new OperatorError('NOT_TOLD', { count: bad.length, detail })
  return { exit: error.exit, document: { results }, error }
}

function chooseSinks(sinks: readonly Sink[], name: string | undefined): readonly Sink[] {
  if (name === undefined) return sinks
  const found = sinks.filter((sink) => sink.name === name)
  if (found.length > 0) return found
  throw new OperatorError('UNKNOWN_SINK', {
    name,
    known: sinks.map((sink) => sink.name).join(', ') || 'none',
  })
}

async function tryOut(
  sink: Sink,
  message: LiveMessage,
): Promise<{ outcome: Delivery['outcome']; note: string }> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  const delivery =
    sink.reach === 'public' ? await sink.check(signal) : await sink.deliver(message, null, signal)
  return { outcome: delivery.outcome, note: delivery.outcome === 'failed' ? delivery.why : delivery.note }
}

function testMessage({ service, clock, actor }: Session): LiveMessage {
  const id = `test/${randomUUID()}`
  const title = `[TEST] ${service}: this is a test of lastgood, nothing has happened`
  return {
    id,
    occasion: 'test',
    incident: null,
    key: id,
    drill: false,
    person: null,
    facts: {
      service,
      title,
      severity: null,
      state: null,
      at: new Date(clock.now()).toISOString(),
      nextUpdate: null,
      link: null,
      details: { test: 'true', by: actor },
    },
    text: { title, lines: [{ line: 'plain', text: `Sent by ${actor}. You need not do anything.` }] },
  }
}
