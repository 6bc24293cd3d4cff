/** Time, as far as anything but a measurement needs it. */
export interface Clock {
  /** Epoch ms. */
  now(): number
  /** Resolves early when the signal fires; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}
