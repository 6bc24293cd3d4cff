import { parseArgs } from 'node:util'
import { openLab } from '../lab/open-lab.ts'
import { play } from './play.ts'
import { playIncident } from './play-incident.ts'
import { openStage } from './stage.ts'

const { incident } = parseArgs({ options: { incident: { type: 'boolean' } } }).values

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
  const problems = incident === true ? await playIncident(lab, stage) : (await play(lab, stage)).problems
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
