import { openFakeRig, openPm2Rig, type Shape } from '../support/runtime-rig.ts'
import { testRuntimes } from './runtime-contract.ts'

const shapes: Shape[] = [
  { mode: 'cluster', agent: true },
  { mode: 'fork', agent: true },
  { mode: 'cluster', agent: false },
  { mode: 'fork', agent: false },
]
const nameOf = ({ mode, agent }: Shape) => `${mode}${agent ? '' : '-bare'}`

testRuntimes([
  ...shapes.map((shape) => ({ name: `fake-${nameOf(shape)}`, open: () => openFakeRig(shape) })),
  ...shapes.map((shape) => ({ name: `pm2-${nameOf(shape)}`, open: () => openPm2Rig(shape) })),
])
