import { messageOf } from '../errors/operator-error.ts'
import type { Pumped } from '../outbox/pump-outbox.ts'
import type { Session } from './session.ts'

/** At the end of a command; what is not through by then is sent by whoever comes next. */
const AT_THE_END_MS = 2_000
const NOW_MS = 6_000
const EVERY_MS = 1_000

/**
 * Tells others what has happened, for no longer than the budget. Null: nobody is to be told. Run by every command that may
 * write, at its end, and by `lastgood watch` in each of its rounds.
 * @throws OperatorError of the journal
 */
export async function pumpOutbox(
  session: Session,
  { budgetMs = AT_THE_END_MS, signal }: { budgetMs?: number; signal?: AbortSignal } = {},
): Promise<Pumped | null> {
  if (!tellsOthers(session)) return null
  const outbox = await session.outbox()
  return outbox.pump(budgetMs, signal)
}

/**
 * The same, for a command whose own words depend on it: where somebody else is telling at this moment, they are waited for,
 * though not for long. What goes wrong is said at the end.
 */
export async function tellNow(session: Session): Promise<void> {
  const giveUpAt = session.clock.now() + NOW_MS
  for (;;) {
    const pumped = await pumpOutbox(session).catch(() => null)
    if (pumped === null || !pumped.busy || session.clock.now() >= giveUpAt) return
    await session.clock.sleep(50)
  }
}

export function tellsOthers({ configuration: { notify, statusPage } }: Session): boolean {
  return notify.sinks.length > 0 || statusPage !== null
}

/**
 * Tells others while a run goes on, beside it: nothing of the run waits for it, and nothing that goes wrong here reaches it.
 * What went wrong is found again, and said, by the pass at the end. @returns ends it, without waiting for the other sides
 */
export function startTelling(session: Session): () => Promise<void> {
  if (!tellsOthers(session)) return async () => {}
  const stop = new AbortController()
  const rounds = async () => {
    while (!stop.signal.aborted) {
      await pumpOutbox(session, { budgetMs: 10_000, signal: stop.signal }).catch(() => null)
      await session.clock.sleep(EVERY_MS, stop.signal)
    }
  }
  const running = rounds()
  return async () => {
    stop.abort()
    await running
  }
}

/** The pass at the end of a command. A line for the screen where somebody was not told; none: all is well. */
export async function tellAtTheEnd(session: Session): Promise<string[]> {
  try {
    const pumped = await pumpOutbox(session)
    if (pumped === null) return []
    const problems = pumped.problems.map(({ message, hint }) => `! ${message} ${hint}`)
    const late = pumped.waiting.filter(({ note }) => note !== null)
    if (late.length === 0) return problems
    const [first] = late
    const what = late.length === 1 ? 'One message is' : `${late.length} messages are`
    return [...problems, `! ${what} not through yet (${first?.sink}: ${first?.note}). lastgood notify list`]
  } catch (error) {
    return [`! Nobody else was told: ${messageOf(error)}`]
  }
}
