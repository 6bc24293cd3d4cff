import type { Container } from '../../../docker/containers.ts'

/** What brings requests to the containers, by its own means. Every call converges. */
export interface Router {
  /** `HAProxy, backend app`, for messages. */
  readonly name: string
  /**
   * From its return on, new requests go to these containers, which listen, and to no other; requests that others have
   * begun are ended by them.
   * @throws RouterFailed; then new requests go where they went before
   */
  sendTo(targets: readonly Container[], patienceMs: number): Promise<void>
  /** Until nothing is on its way to anybody but these; false at the deadline. */
  settle(keep: readonly Container[], timeoutMs: number): Promise<boolean>
  /** The others are gone: what was remembered of them is forgotten. */
  forgetOthers(keep: readonly Container[]): Promise<void>
}

export class RouterFailed extends Error {}
