import { openFakeRig, openPm2Rig, type Shape } from '../support/runtime-rig.ts'
import { exhaustive } from '../support/sampled.ts'
import { testRuntimes } from './runtime-contract.ts'

const shapes: Shape[] = [
  { mode: 'cluster', agent: true },
  { mode: 'fork', agent: true },
  { mode: 'cluster', agent: false },
  { mode: 'fork', agent: false },
]
const nameOf = ({ mode, agent }: Shape) => `${mode}${agent ? '' : '-bare'}`

/** By itself the suite leaves out the slowest: it takes two minutes, and test/crash/ways.test.ts has whole runs of it. */
const all = exhaustive || process.env.RUNTIMES !== undefined
const onPm2 = all ? shapes : shapes.filter(({ mode, agent }) => agent || mode === 'fork')

testRuntimes(
  [
    ...shapes.map((shape) => ({ name: `fake-${nameOf(shape)}`, open: () => openFakeRig(shape) })),
    { name: 'fake-cluster-bare-tried', open: () => openFakeRig({ mode: 'cluster', agent: false }, true) },
    ...onPm2.map((shape) => ({ name: `pm2-${nameOf(shape)}`, open: () => openPm2Rig(shape) })),
  ],
  all ? [] : ['pm2-cluster-bare: RUNTIMES=pm2-cluster-bare npm run test:contract'],
)
