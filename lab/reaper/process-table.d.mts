/** A process that cannot be mistaken for a later one with the same pid. */
export type Identity = { pid: number; started: string }

export type Process = Identity & {
  parent: number
  state: string
  command: string
  /** `NAME=value`, as at its start */
  environment: string[]
  folder: string
}

export declare function parseStat(text: string): Identity & { parent: number; state: string }
export declare function parsePsLine(
  line: string,
): (Identity & { parent: number; state: string; command: string }) | undefined
export declare function listProcesses(): Process[]
export declare function findProcess(pid: number): Process | undefined
export declare function listCommands(): string[]
export declare function identify(pid: number): Identity | undefined
export declare function isRunning(identity: Identity): boolean
