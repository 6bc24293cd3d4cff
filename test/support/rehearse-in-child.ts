import { rehearse } from '../../src/rehearse/rehearse.ts'
import { openRehearsals, type RehearsalPlace } from './rehearsal-rig.ts'

/** A rehearsal in a process of its own, which is killed at a crash point. */
const { place, at, release, back }: { place: RehearsalPlace; at: string; release: string; back: string } =
  JSON.parse(process.argv[2] ?? '{}')
const ports = openRehearsals(place, (point) => {
  if (point === at) process.kill(process.pid, 'SIGKILL')
})
const signal = new AbortController().signal
await rehearse(ports, { service: 'shop', release, back, checkpoint: null, signal })
