import type { Plan } from '../domain/plan.ts'
import type { Run } from '../domain/run.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { VerdictId } from '../domain/verdict.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { executePlan, resumeRun } from '../executor/execute-plan.ts'
import type { ExecutionPorts, RunOutcome } from '../executor/execution.ts'
import { stepHandlers } from '../executor/handlers/index.ts'
import type { Lease } from '../ports/journal.ts'
import { keepLease } from './keep-lease.ts'
import { startTelling } from './pump-outbox.ts'
import type { CommandInput, Session } from './session.ts'
import { writeRunbook } from './write-runbook.ts'

/** Outlives neither Ctrl-C nor SIGKILL by more than this. */
const LEASE_MS = 10_000
const HEARTBEAT_MS = 2_000
const PROOF_MS = 5_000

export async function runPlan(
  input: CommandInput,
  session: Session,
  plan: Plan,
  request: { reason: string; forced: boolean; verdict?: VerdictId },
): Promise<RunOutcome> {
  const purpose = `${plan.verb} ${plan.from ?? 'nothing'} -> ${plan.to}`
  return underLease(input, session, purpose, (ports, state) =>
    executePlan(ports(state), state, { plan, runId: plan.id, ...request }),
  )
}

export async function runResume(
  input: CommandInput,
  session: Session,
  run: Run,
  wantPutBack: boolean,
): Promise<RunOutcome> {
  const purpose = `resume ${run.plan.verb} -> ${run.plan.to}`
  return underLease(input, session, purpose, (ports, state) => {
    const current = state.runs.find(({ id }) => id === run.id) ?? run
    return resumeRun(ports(state), state, current, wantPutBack)
  })
}

type Work<T> = (ports: (state: ServiceState) => ExecutionPorts, state: ServiceState) => Promise<T>

async function underLease(
  input: CommandInput,
  session: Session,
  purpose: string,
  work: Work<RunOutcome>,
): Promise<RunOutcome> {
  return withLease(input, session, purpose, async (lease, signal) => {
    // Read again under the lease: what was planned from may have moved while somebody thought about it.
    const state = await session.state()
    const ports = (current: ServiceState): ExecutionPorts => ({
      journal: session.journal,
      lease,
      handlers: stepHandlers(session.stepPorts(current)),
      clock: session.clock,
      crash: session.crash,
      actor: session.actor,
      signal,
      onProgress: (progress) => input.screen.progress(progress),
    })
    const stopTelling = startTelling(session)
    const outcome = await work(ports, state).finally(stopTelling)
    await writeRunbook(session, state)
    return outcome
  })
}

/** Nobody else acts on the service meanwhile. The signal fires on Ctrl-C, and when the lease is lost. */
export async function withLease<T>(
  input: Pick<CommandInput, 'world'>,
  session: Session,
  purpose: string,
  work: (lease: Lease, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lease = await takeLease(session, purpose)
  const abort = new AbortController()
  const stopListening = input.world.onInterrupt(() =>
    abort.abort(new OperatorError('INTERRUPTED', { step: '' })),
  )
  const beat = { leaseMs: LEASE_MS, everyMs: HEARTBEAT_MS, lost: 'LEASE_LOST' } as const
  const stopBeating = keepLease(session, lease, beat, abort)
  try {
    return await work(lease, abort.signal)
  } finally {
    stopBeating()
    // A late Ctrl-C ends the process at once; it must not find the lease still held.
    await session.journal.release(lease).finally(stopListening)
  }
}

export async function takeLease(session: Session, purpose: string): Promise<Lease> {
  const holder = `${session.actor} (pid ${process.pid})`
  const take = () => session.journal.acquire(session.service, holder, purpose, LEASE_MS)
  let taken = await take()
  // A watcher that notes a proof holds it for some milliseconds: nobody is sent away for that, on a busy machine neither.
  const giveUpAt = session.clock.now() + PROOF_MS
  while (!taken.ok && taken.heldBy.reason.startsWith('prove ') && session.clock.now() < giveUpAt) {
    await session.clock.sleep(25)
    taken = await take()
  }
  if (taken.ok) return taken.lease
  const { heldBy } = taken
  const seconds = Math.max(1, Math.ceil((Date.parse(heldBy.expiresAt) - session.clock.now()) / 1000))
  throw new OperatorError('LEASE_HELD', {
    holder: heldBy.holder,
    service: session.service,
    since: heldBy.since,
    reason: heldBy.reason,
    seconds,
  })
}
