import { type Deployment, measure } from '../domain/incident/metrics.ts'
import type { Run } from '../domain/run.ts'
import { progressOf } from '../domain/run.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { metricsLines, prometheusLines } from '../render/metrics-text.ts'
import type { CommandInput, CommandResult } from './session.ts'

const DAY_MS = 86_400_000

/** The DORA measures, from the same journal as everything else. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const days = daysIn(input)
  const session = await input.open({ write: false })
  const { runs } = await session.state()
  const until = session.clock.now()
  const { incidents } = await session.incidents()
  const metrics = measure(runs.flatMap(deploymentOf), incidents, { from: until - days * DAY_MS, until })
  const prometheus = input.options.prometheus === true
  const lines = prometheus
    ? prometheusLines(session.service, metrics)
    : metricsLines(session.service, metrics, days)
  input.screen.lines(lines)
  return { exit: 0, document: { ...metrics, days } }
}

/** A deploy that has taken traffic, whatever became of it. */
function deploymentOf(run: Run): Deployment[] {
  if (run.plan.verb !== 'deploy') return []
  const step = run.plan.steps.find(({ kind }) => kind === 'switch-traffic')
  const switched = step === undefined ? null : progressOf(run, step)
  if (!switched || (switched.status !== 'succeeded' && switched.status !== 'undone')) return []
  return [{ release: run.plan.to, at: switched.endedAt ?? run.startedAt, putBack: run.status === 'put-back' }]
}

function daysIn({ options }: CommandInput): number {
  const text = String(options.since ?? '90d')
  const days = /^(\d{1,4})d?$/.exec(text)?.[1]
  if (days !== undefined && Number(days) > 0) return Number(days)
  const detail = `--since ${JSON.stringify(text)} is no number of days: 90d.`
  throw new OperatorError('USAGE', { detail, command: 'metrics' })
}
