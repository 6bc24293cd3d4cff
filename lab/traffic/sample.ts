/** One request, as the shopper who made it saw it. */
export type Sample = {
  /** When it was handed to a connection: epoch milliseconds with fractions, comparable between processes. */
  at: number
  /** From `at` until the last byte of the answer, or until the connection failed. */
  ms: number
  /** How long it had to wait for a shopper with a free connection before `at`; 0 unless all were busy. */
  waitedMs: number
  method: string
  /** The pattern, not the path: /products/:id. */
  route: string
  /** 0: no whole answer came. */
  status: number
  /** Why no answer came: ECONNRESET, ECONNREFUSED, TIMEOUT, CUT_SHORT, or UNSENT (no connection was ever free). */
  error?: string
  /** Who answered, from x-release and x-version; null when nobody said. */
  /** The order that this shopper was told is placed. */
  placed?: string
  release: string | null
  version: string | null
}

/** No answer, or one that says the server failed. A refusal (4xx) is an answer. */
export const hasFailed = ({ status }: Sample) => status === 0 || status >= 500

export const endOf = ({ at, ms }: Sample) => at + ms

/** Epoch milliseconds with fractions; unlike Date.now() two processes can be compared below a millisecond. */
export const preciseNow = () => performance.timeOrigin + performance.now()
