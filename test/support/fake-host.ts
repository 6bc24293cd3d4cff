import type { InstanceState } from '../../src/domain/instance.ts'
import type { ReleaseId } from '../../src/domain/release.ts'
import type { PrivateAddress } from '../../src/ports/runtime.ts'

/** What is wrong with a release. `cannot-listen`: healthy in private, refused the port when it is to take traffic. */
export type FakeFlaw = 'crash-on-boot' | 'never-ready' | 'sick' | 'sick-in-public' | 'cannot-listen'

export interface FakeProcess {
  pid: number
  release: ReleaseId | null
  unit: string
  state: InstanceState
  startedAt: number
  /** A copy outside the traffic, on a port of its own. */
  probe: boolean
  agent: boolean
}

/** A host in memory: what is on it outlives the runtime handle that put it there, as processes outlive lastgood. */
export class FakeHost {
  readonly app: string
  processes: FakeProcess[] = []
  /** Releases whose processes hold their listen() back. */
  holds = new Set<ReleaseId>()
  flaws = new Map<ReleaseId, FakeFlaw>()
  /** A process that is not the service's has the port. */
  strangerOnPort = false
  /** Without the agent: the copy outside of the traffic goes on running, and is seen to wait. */
  keepsTried = false
  up = true
  /** Units that would come back after a reboot; null: the host is not set up for that. */
  saved: string[] | null = null
  #lastPid = 100

  constructor(app = 'store') {
    this.app = app
  }

  start(process: Omit<FakeProcess, 'pid'>): FakeProcess {
    this.#lastPid += 1
    const started = { ...process, pid: this.#lastPid }
    this.processes.push(started)
    return started
  }

  end(which: (process: FakeProcess) => boolean): string[] {
    const ended = this.processes.filter(which)
    this.processes = this.processes.filter((process) => !ended.includes(process))
    return [...new Set(ended.map(({ unit }) => unit))]
  }

  of(release: ReleaseId): FakeProcess[] {
    return this.processes.filter((process) => process.release === release && !process.probe)
  }

  /** Everything that takes a new request on the service's port. */
  listening(): FakeProcess[] {
    return this.processes.filter(
      ({ probe, state }) => !probe && (state === 'listening' || state === 'running'),
    )
  }

  at(address: PrivateAddress): FakeProcess | null {
    const pid = 'port' in address ? address.port : Number(address.socketPath)
    return this.processes.find((process) => process.pid === pid) ?? null
  }

  /** What a request to the process is answered with, in private or in public. */
  isSick(process: FakeProcess, where: 'private' | 'public'): boolean {
    const flaw = process.release === null ? undefined : this.flaws.get(process.release)
    return flaw === 'sick' || (flaw === 'sick-in-public' && where === 'public')
  }
}
