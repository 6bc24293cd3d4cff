import type { Step } from '../domain/plan.ts'

/**
 * The places where a run is killed in test/crash, named for what has happened by then:
 * `<kind>/started`   the intent is recorded, nothing is done
 * `<kind>/done`      the effect is there, its record is not: the window every ledger has
 * `<kind>/recorded`  both are there, the next step is not begun
 * and the same with `undo/` in front while a failed run puts back.
 * A runtime adds the places inside its own switch.
 */
export type CrashPoint = string

/** Called at every point. In production it does nothing. */
export type Crash = (point: CrashPoint) => void

export function crashPointsOf(steps: readonly Step[]): CrashPoint[] {
  return steps.flatMap(({ kind }) => [`${kind}/started`, `${kind}/done`, `${kind}/recorded`])
}

/** Kills this process the hard way when it reaches the point named in LASTGOOD_CRASH_AT. */
export function crashFromEnvironment(env: Readonly<Record<string, string | undefined>>): Crash {
  const wanted = env.LASTGOOD_CRASH_AT
  if (wanted === undefined || wanted === '') return () => {}
  return (point) => {
    if (point === wanted) process.kill(process.pid, 'SIGKILL')
  }
}
