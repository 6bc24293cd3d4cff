import type { Recent } from '../lab/traffic/recent.ts'
import type { Stage } from './stage.ts'

const BAR_CELLS = 10

/** The last second of the shoppers' traffic, in less than 80 columns: who answers, and how many failed. */
export function statusLine(stage: Stage, recent: Recent): string {
  const requests = recent.ok + recent.failed
  const share = requests === 0 ? 0 : recent.failed / requests
  const failing = recent.failed > 0
  const cells = Math.min(BAR_CELLS, Math.ceil(share * BAR_CELLS))
  const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells)
  return [
    `  ${String(requests).padStart(3)} req/s`,
    answering(recent).padEnd(19),
    stage.paint(`${bar} ${String(Math.round(share * 100)).padStart(2)} % fail`, failing ? 'red' : 'green'),
    `${recent.totals.failed} failed so far`,
  ].join('  ')
}

/** The version that answers most; `+` when another one answers as well. */
function answering({ byVersion }: Recent): string {
  const [most, ...others] = Object.entries(byVersion).toSorted(([, a], [, b]) => b - a)
  return most === undefined ? '' : `v${most[0]}${others.length > 0 ? ' +' : ''}`
}
