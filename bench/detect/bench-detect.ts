import type { Report } from '../report.ts'
import { costs } from './cost.ts'
import { healthyRuns, hoursFromSwitch, hoursWithSpells, spellsInFirstMinute } from './measure-false.ts'
import { requestsToVerdict, speeds, speedsInSpells } from './measure-speed.ts'
import { checkQuickJudge } from './quick-judge.ts'
import { reportDetect } from './report-detect.ts'
import { slowness } from './slow-runs.ts'

/** The judge told of simulated seconds, with fixed seeds: nothing is measured in real time but what it costs. */
export async function benchDetect(_lab: unknown, { runs = 300 }: { runs?: number }): Promise<Report> {
  checkQuickJudge()
  return reportDetect({
    requests: tell('requests to a verdict', () => requestsToVerdict(runs * 4)),
    atStart: tell('faults at the start', () => speeds(0, runs)),
    later: tell('faults after ten minutes', () => speeds(600, runs)),
    inSpells: tell('faults in spells', () => speedsInSpells(runs)),
    healthy: tell('healthy runs', healthyRuns),
    spells: tell('healthy hours with spells', hoursWithSpells),
    fromSwitch: tell('the same from the switch on', hoursFromSwitch),
    firstMinute: tell('a spell in the first minute', spellsInFirstMinute),
    slow: tell('slowness', slowness),
    cost: tell('cost', costs),
  })
}

function tell<T>(what: string, measure: () => T): T {
  const began = performance.now()
  const found = measure()
  console.log(`${what}: ${((performance.now() - began) / 1_000).toFixed(1)} s`)
  return found
}
