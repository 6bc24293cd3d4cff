import type { Estimate, Plan, PlanOption } from '../domain/plan.ts'
import { formatMs, wrap } from './format.ts'

/** What is about to happen, what it costs, and what else was weighed: one screen of 80 columns. */
export function planLines(plan: Plan, width: number): string[] {
  const verb = plan.verb === 'deploy' ? 'Deploy' : 'Roll back'
  const from = plan.from === null ? 'nothing' : plan.from
  const steps = plan.steps.flatMap((step, i) => {
    const label = `  ${String(i + 1).padStart(2)}. ${step.kind.padEnd(17)} `
    const point = step.id === plan.pointOfNoReturn ? ' (no way back from here on)' : ''
    return hang(label, step.why + point, width)
  })
  return [
    `${verb} ${plan.service}: ${from} -> ${plan.to}`,
    '',
    ...steps,
    '',
    ...plan.options.flatMap((option) => optionLines(option, width)),
    '',
    ...hang('  Data lost    ', plan.dataLoss, width),
    ...hang(
      '  Unavailable  ',
      plan.way === 'first' ? 'nothing serves yet' : describeGap(plan.unavailability),
      width,
    ),
    ...(plan.readOnly === null
      ? []
      : hang(
          '  Read-only    ',
          `${describeEstimate(plan.readOnly)}: nothing can be written meanwhile`,
          width,
        )),
    ...hang('  Traffic      ', `moves after ${describeEstimate(plan.untilSwitched)}`, width),
    ...hang('  All done     ', `after ${describeEstimate(plan.eta)}`, width),
  ]
}

/** What the taken one costs stands below, as the plan's own figures. */
function optionLines(option: PlanOption, width: number): string[] {
  const label = `  ${option.taken ? '* taken     ' : '  not taken '}`
  const lines = hang(label, `${option.name}: ${option.reason}`, width)
  const { taken, eta, dataLoss, unavailability } = option
  if (taken || !eta) return lines
  const gap = unavailability.ms === 0 ? '' : `, unavailable for ${formatMs(unavailability.ms)}`
  const lost = dataLoss?.startsWith('none') ? '' : `; lost: ${dataLoss}`
  return [
    ...lines,
    ...hang(' '.repeat(label.length), `all done after ${describeEstimate(eta)}${gap}${lost}`, width),
  ]
}

function hang(label: string, text: string, width: number): string[] {
  const [first = '', ...rest] = wrap(text, Math.max(20, width - label.length))
  return [label + first, ...rest.map((line) => ' '.repeat(label.length) + line)]
}

function describeGap(gap: Estimate): string {
  return gap.ms === 0 ? 'not at all: both listen until the old one has let go' : describeEstimate(gap)
}

function describeEstimate({ ms, source, runs }: Estimate): string {
  const origin =
    source === 'measured'
      ? `measured in ${runs} ${runs === 1 ? 'run' : 'runs'}`
      : 'not all of it measured yet'
  return `about ${formatMs(ms)} (${origin})`
}
