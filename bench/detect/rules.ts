/** How others decide, each told the requests and errors of every second. */
export interface Rule {
  /** One second; true: it would roll back now. */
  look(requests: number, errors: number): boolean
}

export interface NamedRule {
  name: string
  make(): Rule
  how: string
}

const LIMIT = 0.05
const WINDOW_SECONDS = 60

/** Counts of whole windows, one after the other; `judge` is asked at the end of each. */
function windows(judge: (requests: number, errors: number) => boolean): Rule {
  let second = 0
  let [all, bad] = [0, 0]
  return {
    look(requests, errors) {
      all += requests
      bad += errors
      second++
      if (second % WINDOW_SECONDS !== 0) return false
      const found = judge(all, bad)
      all = 0
      bad = 0
      return found
    },
  }
}

const tooMany = (requests: number, errors: number) => requests > 0 && errors / requests > LIMIT

/** Times it has to be over before it counts. */
function nth(times: number, judge: (requests: number, errors: number) => boolean): Rule {
  let failed = 0
  return windows((requests, errors) => {
    if (judge(requests, errors)) failed++
    return failed >= times
  })
}

/** Wald's test of 1 % against 5 %, both errors 1e-3, begun anew each time it accepts. */
function sequentialTest(): Rule {
  const [low, high, threshold] = [0.01, 0.05, Math.log(1000)]
  let log = 0
  return {
    look(requests, errors) {
      log += errors * Math.log(high / low) + (requests - errors) * Math.log((1 - high) / (1 - low))
      if (log <= -threshold) log = 0
      return log >= threshold
    },
  }
}

export const others: NamedRule[] = [
  { name: 'window 60 s', make: () => windows(tooMany), how: 'more than 5 % of the requests of a minute' },
  {
    name: 'window, 20 requests',
    make: () => windows((requests, errors) => requests >= 20 && tooMany(requests, errors)),
    how: 'the same, minutes with fewer than 20 requests left out',
  },
  {
    name: 'Argo-like',
    make: () => nth(4, tooMany),
    how: 'a minute each, failureLimit 3: the fourth that is over, ever; no data is a success',
  },
  {
    name: 'Flagger-like',
    make: () => nth(5, (requests, errors) => requests === 0 || tooMany(requests, errors)),
    how: 'a minute each, threshold 5: the fifth that is over, ever; no data is a failure',
  },
  {
    name: 'SPRT 1 % / 5 %',
    make: sequentialTest,
    how: "Wald's test, alpha = beta = 1e-3, begun anew when it accepts",
  },
]

/** Five failures in a row: what it does is known exactly. */
export const IN_A_ROW = 5

/** Mean number of requests until so many failures follow each other. */
export function meanUntilInARow(p: number): number {
  return p === 1 ? IN_A_ROW : (1 - p ** IN_A_ROW) / ((1 - p) * p ** IN_A_ROW)
}

/** The chance that it happens within `requests`. */
export function chanceOfInARow(p: number, requests: number): number {
  // Chances of having seen 0, 1, ... failures in a row just now.
  let now = [1, ...new Array<number>(IN_A_ROW - 1).fill(0)]
  for (let i = 0; i < requests; i++) {
    const alive = now.reduce((sum, each) => sum + each, 0)
    now = [alive * (1 - p), ...now.slice(0, -1).map((each) => each * p)]
  }
  return 1 - now.reduce((sum, each) => sum + each, 0)
}
