import type { Flow, FlowResult, FlowStep } from '../domain/flow.ts'
import type { HttpCheck } from '../domain/http-check.ts'
import { maskText } from '../domain/mask.ts'
import { fillInSaved, namesNeeded } from '../domain/placeholder.ts'
import type { ProbeResult } from '../ports/prober.ts'
import type { Asked } from './ask.ts'
import { type Answer, parseBody, valueAt } from './judge-answer.ts'

/** Shorter ones are words of every message, and hide nothing. */
const SHORTEST_SECRET = 4

/** What the flow knows so far. */
interface Visit {
  saved: Record<string, unknown>
  /** As a browser keeps them: a step's cookies go along with the later ones. */
  cookies: Map<string, string>
}

/** Step by step until one is not right; then the cleaning up, also of what a step has left that came too late or was wrong. */
export async function probeFlow(
  flow: Flow,
  send: (check: HttpCheck) => Promise<Asked>,
  judge: (check: HttpCheck, asked: Asked) => ProbeResult,
): Promise<FlowResult> {
  const startedAt = performance.now()
  const visit: Visit = { saved: {}, cookies: new Map() }
  const unanswered: FlowStep[] = []
  const take = async (step: FlowStep): Promise<ProbeResult> => {
    const check = withCookies(fillInSaved(step, visit.saved), visit.cookies)
    const asked = await send(check)
    if (asked.kind !== 'answered') unanswered.push(step)
    const missing = asked.kind === 'answered' ? keep(step, asked.answer, visit) : []
    const result = judge(check, asked)
    if (result.outcome !== 'passed' || missing.length === 0) return result
    return { ...result, outcome: 'failed', evidence: missing.join('; ') }
  }

  let wrong: Pick<FlowResult, 'outcome' | 'evidence' | 'late'> | null = null
  for (const [index, step] of flow.steps.entries()) {
    const { outcome, evidence } = await take(step)
    if (outcome === 'passed') continue
    const where = `step ${index + 1} of ${flow.steps.length}, ${step.name}`
    const late = outcome === 'failed' && unanswered.includes(step)
    wrong = { outcome, evidence: `${where}: ${evidence}`, late }
    break
  }
  const ms = Math.round(performance.now() - startedAt)
  const left = await cleanUp(flow, visit.saved, unanswered, take)
  const hide = (text: string) => maskText(text, secretsOf(visit))
  return {
    outcome: wrong?.outcome ?? 'passed',
    evidence: hide(wrong?.evidence ?? `${flow.steps.length} steps in ${ms} ms`),
    late: wrong?.late ?? false,
    ms,
    leftBehind: left.length === 0 ? null : hide(left.join('; ')),
  }
}

async function cleanUp(
  { steps, cleanup }: Flow,
  saved: Visit['saved'],
  unanswered: readonly FlowStep[],
  take: (step: FlowStep) => Promise<ProbeResult>,
): Promise<string[]> {
  const left: string[] = []
  for (const step of cleanup) {
    const missing = namesNeeded(step).filter((name) => !Object.hasOwn(saved, name))
    if (missing.length === 0) {
      const { outcome, evidence } = await take(step)
      if (outcome !== 'passed') left.push(`${step.name}: ${evidence}`)
      continue
    }
    // What it should have cleaned was never made, unless the one who makes it was asked and never heard.
    const maker = steps.find((each) => unanswered.includes(each) && missing.some((name) => name in each.save))
    if (maker !== undefined)
      left.push(`${step.name}: not done, ${maker.name} gave no answer to tell what it made`)
  }
  return left
}

/** Also from an answer that is wrong or late: it may have made something. @returns what is not there, in words */
function keep({ save }: FlowStep, { body, headers }: Answer, { saved, cookies }: Visit): string[] {
  for (const line of [headers['set-cookie'] ?? []].flat()) {
    const [, name, value] = /^([^=;\s]+)=([^;]*)/.exec(line) ?? []
    if (name !== undefined && value !== undefined) cookies.set(name, value)
  }
  const entries = Object.entries(save)
  if (entries.length === 0) return []
  const json = parseBody(body)
  return entries.flatMap(([name, path]) => {
    const value = json === undefined ? undefined : valueAt(json, path)
    if (value === undefined || value === null) return [`the answer has no ${path} to save as {${name}}`]
    saved[name] = value
    return []
  })
}

function withCookies(step: FlowStep, cookies: Visit['cookies']): FlowStep {
  if (cookies.size === 0 || 'cookie' in step.requestHeaders) return step
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  return { ...step, requestHeaders: { ...step.requestHeaders, cookie } }
}

/** A token that was given in this visit is nobody's business. */
function secretsOf({ saved, cookies }: Visit): string[] {
  const texts = [...textsIn(saved), ...cookies.values()]
  return [...new Set(texts)]
    .filter((text) => text.length >= SHORTEST_SECRET)
    .sort((a, b) => b.length - a.length)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
