import type { Container } from '../../../docker/containers.ts'

/** What brings requests to the containers, by its own means. Every call converges. */
export interface Router {
  /** `HAProxy, backend app`, for messages. */
  readonly name: string
  /** Why it could not be told where to send; null: it can. */
  obstacle(): Promise<string | null>
  /** Before containers are started that it finds by itself and that do not listen yet: they get nothing until `sendTo`. */
  expectNew(count: number): Promise<Arrival>
  /**
   * From its return on, new requests go to these containers, which listen, and to no other; requests that others have
   * begun are ended by them.
   * @throws RouterFailed; then new requests go where they went before
   */
  sendTo(targets: readonly Container[], patienceMs: number): Promise<void>
  /** Until nothing is on its way to anybody but these; false at the deadline. */
  settle(keep: readonly Container[], timeoutMs: number): Promise<boolean>
  /** Before these are stopped, which take nothing new: until it sends nothing to them any more, or will not notice. */
  awaitUnused(doomed: readonly Container[]): Promise<void>
  /** What a person types to send new requests to the containers of that name; empty: it finds them by itself. */
  byHand(name: string): string[]
  /** The others are gone: what was remembered of them is forgotten. */
  forgetOthers(keep: readonly Container[]): Promise<void>
}

/** Neither of the two ever fails: what is wrong with the router is said when traffic is to move. */
export interface Arrival {
  /** To be called again and again; true once it has found that many, and sends nothing to them. */
  look(): Promise<boolean>
  /** Whatever else comes from now on is found as ever. */
  end(): Promise<void>
}

/** Of a router that asks before it sends, or that finds nothing by itself. */
export const NOTHING_TO_EXPECT: Arrival = { look: async () => true, end: async () => {} }
