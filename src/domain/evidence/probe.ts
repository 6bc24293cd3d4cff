export interface ProbeState {
  n: number
  alpha: number
}
export function startProbe(p: { flakeRate: number; alpha: number }): ProbeState {
  return { n: 0, alpha: p.alpha }
}
export function addProbe(s: ProbeState, failed: boolean): ProbeState {
  return { ...s, n: failed ? s.n + 1 : 0 }
}
export function probeConvicts(s: ProbeState): boolean {
  return s.n >= 2
}
