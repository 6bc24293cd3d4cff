/** A router that could not be told, or asked: it sends where it sent before. */
export class RouterFailed extends Error {}
