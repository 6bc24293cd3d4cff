import { judgeSwitch, type SwitchCost } from '../lab/judge-switch.ts'
import { hasFailed, type Sample } from '../lab/traffic/sample.ts'
import type { Stage } from './stage.ts'

export type Outcome = {
  failedByBadRelease: number
  failedByDeploys: number
  rollback: SwitchCost
  /** The last line that lastgood says about it. */
  servesNow: string
  /** Everything that is not as it should be; empty: the demo showed what it promises. */
  problems: string[]
}

export type Evidence = {
  samples: Sample[]
  badVersion: string
  goodRelease: string
  rollbackAt: number
  rollbackExit: number
  verifyExit: number
  /** From `lastgood status --json`. */
  serving: { text: string; release: string | null }
}

export function judgeDemo(evidence: Evidence): Outcome {
  const { samples, badVersion, rollbackAt, goodRelease, serving } = evidence
  const rollback = judgeSwitch(samples, badVersion, rollbackAt)
  const failed = samples.filter((sample) => hasFailed(sample) && sample.error !== 'UNSENT')
  const ofBad = failed.filter(({ version, status }) => version === badVersion && status !== 0)
  const failedByDeploys = failed.length - ofBad.length - rollback.failedBySwitch
  const problems = [
    ...(evidence.rollbackExit === 0 ? [] : [`lastgood rollback ended with ${evidence.rollbackExit}`]),
    ...(evidence.verifyExit === 0 ? [] : [`lastgood verify ended with ${evidence.verifyExit}`]),
    ...(rollback.failedBySwitch === 0 ? [] : [`requests failed: ${JSON.stringify(rollback.failures)}`]),
    ...(failedByDeploys === 0 ? [] : [`${failedByDeploys} requests failed while good releases were put out`]),
    ...(ofBad.length > 0 ? [] : ['the bad release failed no request: there was nothing to go back from']),
    ...(serving.release === goodRelease ? [] : [`${goodRelease} should serve now`]),
  ]
  return { failedByBadRelease: ofBad.length, failedByDeploys, rollback, servesNow: serving.text, problems }
}

export function showOutcome(stage: Stage, outcome: Outcome): void {
  const { rollback, problems } = outcome
  const row = (name: string, value: string) => stage.line(`  ${name.padEnd(37)}${stage.paint(value, 'bold')}`)
  row('requests failed by the bad release', outcome.failedByBadRelease.toLocaleString('en'))
  row(
    'requests failed by the rollback',
    `${rollback.failedBySwitch} of ${rollback.requests.toLocaleString('en')}`,
  )
  row('time back to good *', `${(rollback.lastBadResponseMs / 1000).toFixed(2)} s`)
  row('serves now', outcome.servesNow)
  stage.line()
  stage.line(
    stage.paint('  * from typing the command to the last request that the bad release answered', 'dim'),
  )
  for (const problem of problems) stage.line(stage.paint(`  ✗ ${problem}`, 'red'))
}
