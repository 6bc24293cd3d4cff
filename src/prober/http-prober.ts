import type { HttpCheck } from '../domain/http-check.ts'
import type { ProbeResult, Prober } from '../ports/prober.ts'
import { type Asked, ask } from './ask.ts'
import { judgeAnswer } from './judge-answer.ts'
import { probeFlow } from './probe-flow.ts'

export const httpProber: Prober = {
  probe: async (target, check) => judge(check, await ask(target, check)),
  probeFlow: (target, flow) => probeFlow(flow, (check) => ask(target, check), judge),
}

function judge(check: HttpCheck, asked: Asked): ProbeResult {
  const { ms } = asked
  if (asked.kind === 'answered') return { ...judgeAnswer(check, asked.answer, ms), ms }
  // No answer in time is an answer: it is what a visitor would see. One that cannot be reached is not known.
  if (asked.kind === 'late')
    return { outcome: 'failed', evidence: `no answer within ${check.withinMs} ms`, ms }
  return { outcome: 'unknown', evidence: asked.why, ms }
}
