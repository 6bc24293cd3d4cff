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

/** The way here, of the same size forever: the newest points as they are, older ones thinned. */
export interface History {
  older: readonly Point[]
  newest: readonly Point[]
  /** Of the points that get old, each so manieth is kept: 1 at first, then 2, 4, ... */
  every: number
  /** Points let go since the last that was kept. */
  since: number
}

const MOST_OLDER = 60
const MOST_NEWEST = 60

export const NO_HISTORY: History = { older: [], newest: [], every: 1, since: 0 }

export function remember({ older, newest, every, since }: History, point: Point): History {
  const all = [...newest, point]
  const [old] = all
  if (all.length <= MOST_NEWEST || old === undefined) return { older, newest: all, every, since }
  const rest = all.slice(1)
  if (since + 1 < every) return { older, newest: rest, every, since: since + 1 }
  const kept = [...older, old]
  if (kept.length < MOST_OLDER) return { older: kept, newest: rest, every, since: 0 }
  return { older: kept.filter((_, i) => i % 2 === 0), newest: rest, every: every * 2, since: every }
}

export function pointsOf({ older, newest }: History): Point[] {
  return [...older, ...newest]
}
