import { expect } from 'vitest'
import type { ReleaseId } from '../../src/domain/release.ts'
import { isOperatorError } from '../../src/errors/operator-error.ts'
import type { RunOutcome } from '../../src/executor/execution.ts'
import type { FakeFlaw } from './fake-host.ts'
import { type FakeService, type FakeServiceSettings, Killed, openFakeService } from './fake-service.ts'

export type Action =
  | {
      do: 'deploy'
      flaw: FakeFlaw | 'build' | 'none'
      again: boolean
      bakes: boolean
      crashAt: number | null
    }
  | { do: 'rollback'; name: string | null; crashAt: number | null }
  | { do: 'mark'; word: 'bad' | 'proven'; name: string }
  | { do: 'resume'; putBack: boolean; waits: boolean; crashAt: number | null }

interface Known {
  commit: string
  flaw: string
  proven: boolean
  bad: boolean
}

type Seen = RunOutcome | Error | 'killed' | null

interface Unfinished {
  verb: 'deploy' | 'rollback'
  from: ReleaseId | null
  to: ReleaseId
  commit: string
  flaw: string
  status: 'running' | 'stopped'
  goingBack: boolean
  /** The process that was at it still holds the lease. */
  held: boolean
}

/**
 * What an operator who keeps book by hand expects of the service, said a second time and more simply than the product says
 * it. Each action is done to both, and compared.
 */
export class Model {
  readonly service: FakeService
  live: ReleaseId | null = null
  unfinished: Unfinished | null = null
  readonly #known = new Map<ReleaseId, Known>()
  readonly #badCommits = new Set<string>()
  readonly #gapless: boolean
  readonly #standby: boolean
  readonly #instances: number
  #commits = 0

  constructor(settings: FakeServiceSettings) {
    this.service = openFakeService(settings)
    this.#gapless = settings.mode !== 'fork'
    this.#standby = settings.standby === 'warm'
    this.#instances = settings.instances ?? 2
  }

  async take(action: Action): Promise<void> {
    const before = await this.service.state()
    const expected = await this.#expectedRefusal(action)
    const target = action.do === 'rollback' ? (action.name ?? (await this.#newestGood())) : null
    const passedBefore = this.service.points.length
    const seen = await this.#attempt(action)
    const after = await this.service.state()

    const refused = isOperatorError(seen) ? seen : null
    if (refused !== null) {
      expect(refused.exit, `${refused.code}: ${refused.message}`).toBeGreaterThanOrEqual(10)
      expect(refused.message, 'every placeholder is filled').not.toMatch(/\{\w+\}/)
      expect(after.position, 'a refusal changes nothing').toBe(before.position)
      if (expected === 'maybe too late') expect(refused.code).toBe('PAST_NO_RETURN')
    }
    if (expected !== 'maybe too late') expect(refused?.code ?? null).toBe(expected)

    const started = after.runs.length > before.runs.length ? after.runs.at(-1) : undefined
    if (started !== undefined) {
      const { verb, from, to } = started.plan
      expect(from).toBe(this.live)
      if (verb === 'rollback') expect(to).toBe(target)
      const commit = started.plan.steps[0]?.params.commit ?? this.#known.get(to)?.commit ?? ''
      const [flaw = 'none'] = commit.split(':')
      this.unfinished = { verb, from, to, commit, flaw, status: 'running', held: true, goingBack: false }
    }
    if (this.unfinished !== null && refused === null && (started !== undefined || action.do === 'resume')) {
      if (action.do === 'resume') this.unfinished.goingBack ||= action.putBack
      this.#follow(this.unfinished, this.service.points.slice(passedBefore))
      this.#end(this.unfinished, seen)
    }
    await this.#compare()
    const baked = action.do === 'deploy' && action.bakes && refused === null && this.unfinished === null
    if (baked && started?.plan.to === this.live) {
      await this.take({ do: 'mark', word: 'proven', name: started.plan.to })
    }
  }

  /** What the process had recorded by the time it ended or was killed. */
  #follow(run: Unfinished, points: readonly string[]): void {
    const { verb, from, to, commit, flaw } = run
    const left = from === null ? undefined : this.#known.get(from)
    for (const point of points) {
      if (point === 'build-release/recorded') this.#known.set(to, { commit, flaw, proven: false, bad: false })
      if (point === 'undo/switch-traffic/recorded') this.live = from
      if (/^(build|check|start-c|probe|switch|verify).*\/failed$/.test(point)) run.goingBack = true
      if (point !== 'switch-traffic/recorded') continue
      this.live = to
      if (verb !== 'rollback' || left === undefined) continue
      left.bad = true
      this.#badCommits.add(left.commit)
    }
  }

  #end(run: Unfinished, seen: Seen): void {
    run.held = seen === 'killed'
    if (seen === 'killed' || seen === null || seen instanceof Error) return
    const failsLate = run.verb === 'rollback' && run.flaw === 'sick-in-public'
    const expected = failsLate && this.live === run.to ? 'stopped' : run.goingBack ? 'put-back' : 'succeeded'
    expect(seen.status, `${run.verb} to ${run.to} (${run.flaw}): ${seen.error?.message}`).toBe(expected)
    expect(seen.error === null, 'only what succeeded ends without an error').toBe(expected === 'succeeded')
    this.unfinished = seen.status === 'stopped' ? { ...run, status: 'stopped', goingBack: false } : null
  }

  async #compare(): Promise<void> {
    const { service, unfinished, live } = this
    const state = await service.state()
    expect(await service.journal.verify()).toMatchObject({ ok: true })
    expect(state.live).toBe(live)
    for (const { id, proven, bad } of state.releases) {
      const { proven: isProven, bad: isBad } = this.#known.get(id) ?? { proven: null, bad: null }
      expect({ id, proven: proven !== null, bad: bad !== null }).toEqual({ id, proven: isProven, bad: isBad })
    }
    const serving = service.serving()
    if (unfinished?.status === 'running') {
      if (this.#gapless && unfinished.from !== null) expect(serving.length).toBeGreaterThan(0)
      return
    }
    expect(serving).toEqual(live === null ? [] : [live])
    if (unfinished === null) this.#expectNothingElse(live)
  }

  #expectNothingElse(live: ReleaseId | null): void {
    const { processes, holds } = this.service.host
    const others = processes.filter(({ release }) => release !== live)
    expect(others.filter(({ state }) => state !== 'holding')).toEqual([])
    const waiting = new Set(others.map(({ release }) => release))
    expect(waiting.size).toBeLessThanOrEqual(this.#standby ? 1 : 0)
    expect([...holds].filter((release) => !waiting.has(release))).toEqual([])
    const copies = processes.filter(({ release }) => release === live)
    expect(copies.length).toBe(live === null ? 0 : this.#instances)
  }

  /** Ends what is unfinished: afterwards one release serves, whatever has happened. */
  async settle(): Promise<void> {
    if (this.unfinished !== null)
      await this.take({ do: 'resume', putBack: false, waits: true, crashAt: null })
    expect(this.unfinished?.status ?? 'ended').not.toBe('running')
  }

  async #attempt(action: Action): Promise<Seen> {
    const { service } = this
    const options = 'crashAt' in action && action.crashAt !== null ? { crashAt: action.crashAt } : {}
    try {
      switch (action.do) {
        case 'deploy':
          return await service.deploy(this.#commitOf(action), options)
        case 'rollback':
          return await service.rollback(action.name, options)
        case 'mark':
          await this.#mark(action)
          return null
        case 'resume':
          if (action.waits) this.#expireLease()
          return await service.resume(action.putBack, options)
      }
    } catch (error) {
      if (error instanceof Killed) return 'killed'
      if (isOperatorError(error)) return error
      throw error
    }
  }

  async #mark({ word, name }: Action & { do: 'mark' }): Promise<void> {
    const { id, commit } = await this.service.mark(word, name)
    const known = this.#known.get(id)
    if (known === undefined || commit === null) throw new Error(`nobody built ${id}`)
    known.bad = word === 'bad'
    if (word === 'proven') {
      known.proven = true
      this.#badCommits.delete(commit)
    } else this.#badCommits.add(commit)
  }

  #expireLease(): void {
    this.service.expireLease()
    if (this.unfinished !== null) this.unfinished.held = false
  }

  /** `again`: the newest commit there is, which may be marked bad by now. */
  #commitOf(action: Action & { do: 'deploy' }): string {
    if (!action.again || this.#commits === 0) this.#commits += 1
    const known = [...this.#known.values()].at(-1)
    return action.again && known !== undefined ? known.commit : `${action.flaw}:${this.#commits}`
  }

  /** `maybe too late`: it depends on where the process was killed. */
  async #expectedRefusal(action: Action): Promise<string | null> {
    const { unfinished, live } = this
    if (action.do === 'mark') return this.#known.has(action.name) ? null : 'UNKNOWN_RELEASE'
    if (action.do === 'resume') {
      if (unfinished === null) return null
      if (unfinished.held && !action.waits) return 'LEASE_HELD'
      return action.putBack && !unfinished.goingBack ? 'maybe too late' : null
    }
    if (unfinished !== null && !(unfinished.status === 'stopped' && action.do === 'rollback')) {
      return unfinished.held ? 'LEASE_HELD' : 'RUN_UNFINISHED'
    }
    if (action.do === 'deploy') {
      const last = [...this.#known.values()].at(-1)
      return action.again && last !== undefined && this.#badCommits.has(last.commit) ? 'COMMIT_BAD' : null
    }
    if (live === null) return 'NOTHING_LIVE'
    return this.#targetRefusal(action.name, live)
  }

  async #targetRefusal(name: string | null, live: ReleaseId): Promise<string | null> {
    if (name === null) {
      const good = await this.#newestGood()
      return good === null ? 'NO_PROVEN_RELEASE' : good === live ? 'TARGET_IS_LIVE' : null
    }
    const known = this.#known.get(name)
    if (known === undefined) return 'UNKNOWN_RELEASE'
    if (name === live) return 'TARGET_IS_LIVE'
    if (known.bad) return 'TARGET_BAD'
    if (await this.#isGone(name)) return 'RELEASE_FILES_GONE'
    return known.proven ? null : 'TARGET_NOT_PROVEN'
  }

  async #newestGood(): Promise<ReleaseId | null> {
    const newestFirst = [...this.#known].sort(([a], [b]) => Number(b.slice(1)) - Number(a.slice(1)))
    for (const [id, { proven, bad }] of newestFirst)
      if (proven && !bad && !(await this.#isGone(id))) return id
    return null
  }

  async #isGone(release: ReleaseId): Promise<boolean> {
    return !(await this.service.store.exists('store', release))
  }
}
