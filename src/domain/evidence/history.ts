/** Evidence at one moment. */
export interface Point {
  /** Epoch ms, the end of the look. */
  at: number
  /** ln of the evidence against the release. */
  logE: number
  /** Seen until then. */
  requests: number
  bad: number
}

/** The way here, thinned so that it never grows: every point at first, then every second, fourth, ... */
export interface History {
  points: readonly Point[]
  every: number
  /** Points since the last one that was kept. */
  since: number
  newest: Point | null
}

const MOST_POINTS = 120

export const NO_HISTORY: History = { points: [], every: 1, since: 0, newest: null }

export function remember({ points, every, since }: History, newest: Point): History {
  if (since + 1 < every) return { points, every, since: since + 1, newest }
  const more = [...points, newest]
  if (more.length < MOST_POINTS) return { points: more, every, since: 0, newest }
  return { points: more.filter((_, i) => i % 2 === 1), every: every * 2, since: 0, newest }
}

/** With the newest at the end, whether it is one of those kept or not. */
export function pointsOf({ points, newest }: History): Point[] {
  return newest === null || points.at(-1) === newest || points.at(-1)?.at === newest.at
    ? [...points]
    : [...points, newest]
}
