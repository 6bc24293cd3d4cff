import type { Identity } from './process-table.mjs'

export type Ending = { signal?: NodeJS.Signals; graceMs?: number }

export declare function endProcess(identity: Identity, ending?: Ending): Promise<boolean>
export declare function endTree(identity: Identity): Promise<boolean>
