import { type EngineAnswer, type EngineCall, reasonIn } from '../../docker/engine.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { SwarmContext } from './swarm-context.ts'

/** When the manager that leads is lost, the others need some ten seconds to notice and to choose another. */
const ELECTION_MS = 30_000
const AGAIN_MS = 500

/**
 * What a manager answers. While there is no leader none of them can: that is waited for. In the engine's newest words: a spec
 * that is set in older ones loses what they did not know (capabilities, ulimits, start_interval), without a word.
 * @throws OperatorError RUNTIME_DOWN
 */
export async function callManager(
  { engine, clock }: SwarmContext,
  method: string,
  path: string,
  call: EngineCall = {},
): Promise<EngineAnswer> {
  const deadline = clock.now() + ELECTION_MS
  for (;;) {
    const answer = await engine.call(method, path, { ...call, newest: true })
    if (!saysNoLeader(answer)) return answer
    if (clock.now() >= deadline) throw noLeader(answer)
    await clock.sleep(AGAIN_MS)
  }
}

/** The body of an answer that is 2xx. @throws OperatorError RUNTIME_FAILED, RUNTIME_DOWN, RUNTIME_DENIED */
export async function askManager(
  context: SwarmContext,
  method: string,
  path: string,
  call: EngineCall = {},
): Promise<unknown> {
  const answer = await callManager(context, method, path, call)
  if (answer.status < 300) return answer.body
  throw new OperatorError('RUNTIME_FAILED', {
    operation: `docker: ${method} ${path}`,
    detail: reasonIn(answer),
  })
}

/** The tasks run on without managers; only nobody can change anything. */
export function noLeader(answer: EngineAnswer): OperatorError {
  return new OperatorError('RUNTIME_DOWN', {
    detail: `the swarm has no leader: ${reasonIn(answer)}`,
    fix: 'more than half of its managers must run: docker node ls, on each of them',
  })
}

/** As each layer says it: the manager that is asked, the one it passes the question on to, and the connection between them. */
const NO_LEADER =
  /does not have a leader|lost leadership|no longer the leader|deadline exceeded|code = Unavailable|connection is closing|not enough managers/i

function saysNoLeader(answer: EngineAnswer): boolean {
  return answer.status >= 500 && NO_LEADER.test(reasonIn(answer))
}
