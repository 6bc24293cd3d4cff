import type { Step } from '../domain/plan.ts'

/**
 * The places where a run is killed in test/crash, named for what has happened by then:
 * `<kind>/started`   the intent is recorded, nothing is done
 * `<kind>/done`      the effect is there, its record is not: the window every ledger has
 * `<kind>/recorded`  both are there, the next step is not begun
 * `<kind>/failed`    the failure is recorded, nothing of it is put back
 * and the first three with `undo/` in front while a failed run puts back.
 * A runtime adds the places inside its own switch.
 */
export type CrashPoint = string

/** Called at every point. In production it does nothing. */
export type Crash = (point: CrashPoint) => void

/** Of a run in which nothing fails. */
export function crashPointsOf(steps: readonly Pick<Step, 'kind'>[]): CrashPoint[] {
  return steps.flatMap(({ kind }) => [`${kind}/started`, `${kind}/done`, `${kind}/recorded`])
}

/** Of a run that fails in `failed` and takes these steps back. */
export function undoPointsOf(failed: Step['kind'], undone: readonly Step['kind'][]): CrashPoint[] {
  const back = crashPointsOf(undone.map((kind) => ({ kind })))
  return [`${failed}/failed`, ...back.map((point) => `undo/${point}`)]
}
