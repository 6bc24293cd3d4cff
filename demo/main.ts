import { parseArgs } from 'node:util'
import { hostOnCompose } from '../lab/docker/host-on-compose.ts'
import { hostOnSwarm } from '../lab/docker/host-on-swarm.ts'
import { openLab } from '../lab/open-lab.ts'
import { play, type RunsOn } from './play.ts'
import { playIncident } from './play-incident.ts'
import { openStage } from './stage.ts'

/** What runs the store, and how that is said. */
const RUNTIMES: Record<string, RunsOn> = {
  pm2: { what: 'PM2 with two instances' },
  compose: { what: 'Compose, HAProxy, two containers', hostOn: hostOnCompose },
  swarm: { what: 'Swarm of one node, HAProxy, two tasks', hostOn: hostOnSwarm },
}
const { incident, runtime } = parseArgs({
  options: { incident: { type: 'boolean' }, runtime: { type: 'string', default: 'pm2' } },
}).values
if (!(runtime in RUNTIMES)) {
  console.error(`there is no runtime "${runtime}"; one of: ${Object.keys(RUNTIMES).join(', ')}`)
  process.exit(2)
}

const stage = openStage(process.stdout)
let interrupted = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => {
    // One keypress can arrive as more than one signal.
    if (interrupted) return
    interrupted = true
    stage.line(stage.paint('\nStopped: everything is being ended and removed ...', 'dim'))
    stage.close()
  })
}

const lab = await openLab({ name: 'demo' })
try {
  const problems =
    incident === true ? await playIncident(lab, stage) : (await play(lab, stage, RUNTIMES[runtime])).problems
  process.exitCode = problems.length === 0 ? 0 : 1
} catch (error) {
  process.exitCode = 1
  // After an interrupt the stage is closed: what fails because its server was just ended is no news.
  stage.line(stage.paint(`\n✗ ${error instanceof Error ? error.message : error}`, 'red'))
} finally {
  await lab.close()
}
// The lab's own signal handler ends the process, with the signal's exit code.
if (interrupted) await new Promise(() => {})
