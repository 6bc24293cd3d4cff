/**
 * What a watcher would lose with its process: counters as they were read last, and the evidence so far. Not in the journal,
 * because samples are not; losing it costs time and never a wrong verdict.
 */
export interface WatchMemoryStore {
  /** Null: there is none, or it is damaged or of another version, so that watching begins anew. */
  load(): Promise<unknown>
  /** The whole or nothing. It may be a look behind after a power cut. */
  save(memory: unknown): Promise<void>
}
