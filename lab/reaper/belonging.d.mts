import type { Process } from './process-table.mjs'

export declare const MARK: 'LASTGOOD_LAB'
export declare function findMarked(processes: Process[], dir: string): Process[]
export declare function findWithin(processes: Process[], dir: string): Process[]
export declare function findTree(processes: Process[], pid: number): Process[]
