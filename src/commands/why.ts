import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Finding } from '../domain/finding.ts'
import type { ServiceState } from '../domain/service-state.ts'
import type { Verdict } from '../domain/verdict.ts'
import { OperatorError } from '../errors/operator-error.ts'
import { evidenceSvg } from '../render/evidence-svg.ts'
import { whyLines } from '../render/why-text.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Why a release was found bad, and what followed: the evidence, the line it had to cross, and what would have changed it. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const session = await input.open({ write: false })
  const state = await session.state()
  const finding = choose(state, input.args.name ?? null)
  const verdicts = state.verdicts.filter(({ findings }) => findings.includes(finding.id))
  input.screen.lines(whyLines({ finding, verdicts, runs: runsOf(state, verdicts) }, input.screen.width))
  const { svg } = input.options
  if (typeof svg === 'string') {
    if (finding.course === null)
      throw new OperatorError('NO_CHART', { finding: finding.id, trigger: finding.trigger })
    await writeFile(resolve(input.world.cwd, svg), evidenceSvg(finding.course, finding.summary))
    input.screen.line(`Drawn to ${svg}.`, 'dim')
  }
  return { exit: 0, document: { finding, verdicts } }
}

function runsOf(state: ServiceState, verdicts: readonly Verdict[]) {
  return state.runs.filter(({ verdict }) => verdicts.some(({ id }) => id === verdict))
}

/** By its own name, or by that of a verdict on it; unnamed: the newest. */
function choose({ findings, verdicts, service }: ServiceState, name: string | null): Finding {
  const newest = findings.at(-1)
  if (newest === undefined) throw new OperatorError('NOTHING_FOUND', { service })
  if (name === null) return newest
  const meant = verdicts.find(({ id }) => id === name)?.findings[0] ?? name
  const found = findings.find(({ id }) => id === meant)
  if (found !== undefined) return found
  throw new OperatorError('UNKNOWN_FINDING', {
    name,
    service,
    known: findings.map(({ id }) => id).join(', '),
  })
}
