import { decide, type Move, type WayBack, wantsDecision } from '../domain/decide.ts'
import type { EventData, EventType, NewEvent } from '../domain/event.ts'
import { openFindings, saysCorrupt } from '../domain/finding.ts'
import { fixForwardClock } from '../domain/fix-forward.ts'
import type { ServiceState } from '../domain/service-state.ts'
import { unfinishedRun } from '../domain/service-state.ts'
import { nextVerdictId, openVerdict } from '../domain/verdict.ts'
import { senseAdvisories } from './advisory-sense.ts'
import { Background } from './background.ts'
import { flowDue, NEW_FLOW, senseFlow, takeFlow } from './flow-sense.ts'
import { invariantDue, NEW_INVARIANT, senseInvariant, takeInvariant } from './invariant-sense.ts'
import { changesOf } from './record-suspicions.ts'
import { senseSessions, takeSessions } from './session-sense.ts'
import { type Suspicion, suspicion } from './suspicion.ts'
import { judgeRecovery, newBaseline, senseTraffic, takeRead } from './traffic-sense.ts'
import { isOf, readMemory, startMemory, type WatchMemory } from './watch-memory.ts'
import type { WatchPorts } from './watch-ports.ts'

export interface Look {
  state: ServiceState
  /** Null: nothing serves that lastgood has put out. */
  memory: WatchMemory | null
  /** Why the counters could not be read; null when they could. */
  blind: string | null
}

/**
 * Looks, weighs, and acts on what follows, again and again. Everything that matters is in the journal before it is acted on,
 * and each look begins with what the journal says, so a watcher may be killed at any moment and begun again: it finds its
 * findings, its countdown, and the rollback it had begun.
 */
export class Watcher {
  readonly #ports: WatchPorts
  readonly #background = new Background()
  #memory: WatchMemory | null = null
  #loaded = false
  #upkeptAt = 0
  readonly #closing = new AbortController()
  #asked: { key: string; at: number; wayBack: WayBack } | null = null

  constructor(ports: WatchPorts) {
    this.#ports = ports
  }

  async look(): Promise<Look> {
    const { clock, signals, settings, drainMs } = this.#ports
    const state = await this.#ports.state()
    const memory = await this.#memoryFor(state)
    if (memory === null) return { state, memory, blind: null }
    const read = await signals.read()
    const now = clock.now()
    const wanted = await this.#ports.wanted(memory.release).catch(() => 1)
    memory.traffic = takeRead(memory.traffic, read, { settings, wanted, drainMs }, now)
    this.#startChecks(state, memory, now)
    this.#startUpkeep(now)
    const suspicions = this.#suspicions(state, memory, now)
    await this.#recordFindings(state, memory, suspicions)
    await this.#recordProof(memory)
    await this.#ports.memory.save(memory)
    await this.#follow()
    return { state: await this.#ports.state(), memory, blind: read.ok ? null : read.detail }
  }

  /** What still runs is waited for, so that nothing is left open. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#background.settle()
  }

  async #memoryFor(state: ServiceState): Promise<WatchMemory | null> {
    const { live, liveSince } = state
    if (!this.#loaded) this.#memory = readMemory(await this.#ports.memory.load())
    this.#loaded = true
    if (live === null || liveSince === null) return null
    const before = this.#memory
    if (before === null || !isOf(before, state))
      this.#memory = startMemory({ ...state, live, liveSince }, this.#ports.settings, before)
    return this.#memory
  }

  /** Each at its own pace; a slow one holds up nobody. What it finds out is for the release it was asked of. */
  #startChecks(state: ServiceState, memory: WatchMemory, now: number): void {
    const { clock, prober, url, flows, invariants, advisories, settings, folderOf } = this.#ports
    for (const flow of flows) {
      const sense = () => memory.flows[flow.name] ?? NEW_FLOW
      if (!flowDue(flow, sense(), now)) continue
      this.#background.start(`flow ${flow.name}`, async () => {
        const startedAt = clock.now()
        const result = await prober.probeFlow({ url }, flow)
        memory.flows[flow.name] = takeFlow(sense(), result, startedAt, settings.falseAlarm)
      })
    }
    for (const invariant of invariants === null ? [] : settings.invariants) {
      const sense = () => memory.invariants[invariant.name] ?? NEW_INVARIANT
      if (!invariantDue(invariant, sense(), now)) continue
      this.#background.start(`invariant ${invariant.name}`, async () => {
        const result = await invariants?.check(invariant)
        if (result) memory.invariants[invariant.name] = takeInvariant(sense(), result, clock.now())
      })
    }
    const { security, sessions } = settings
    if ((security.audit || security.advisories !== null) && now - memory.advisories.at >= security.everyMs) {
      this.#background.start('advisories', async () => {
        const folder = state.live === null ? null : await folderOf(state.live)
        const known = folder === null ? null : await advisories.check(folder, security)
        memory.advisories = {
          at: clock.now(),
          ...(known ?? { advisories: [], problems: ['its files are gone'] }),
        }
      })
    }
    if (now - memory.sessions.at < sessions.everyMs) return
    const { sql, drop } = sessions
    const { sessions: counted } = memory.traffic
    if (sql === null && counted !== null) memory.sessions = takeSessions(memory.sessions, counted, drop, now)
    if (sql === null || invariants === null) return
    this.#background.start('sessions', async () => {
      const count = await invariants.number(sql, sessions.everyMs).catch(() => null)
      // One that cannot be counted is no sign that they are gone.
      memory.sessions =
        count === null
          ? { ...memory.sessions, at: clock.now() }
          : takeSessions(memory.sessions, count, drop, clock.now())
    })
  }

  #startUpkeep(now: number): void {
    if (now - this.#upkeptAt < UPKEEP_MS) return
    this.#upkeptAt = now
    this.#background.start('upkeep', async () => {
      const done = await this.#ports.upkeep(this.#closing.signal)
      if (done !== null) this.#ports.tell({ type: 'upkeep', ...done })
    })
  }

  #suspicions(state: ServiceState, memory: WatchMemory, now: number): Suspicion[] {
    const { settings } = this.#ports
    return [
      ...senseTraffic(memory.traffic, settings),
      ...Object.entries(memory.flows).flatMap(([name, sense]) =>
        senseFlow(name, sense, settings.burstToleranceMs),
      ),
      ...Object.entries(memory.invariants).flatMap(([name, sense]) => senseInvariant({ name }, sense)),
      ...senseAdvisories(memory.advisories),
      ...senseSessions(memory.sessions),
      ...this.#senseClock(state, now),
    ]
  }

  #senseClock(state: ServiceState, now: number): Suspicion[] {
    const clock = fixForwardClock(state, this.#ports.settings.fixForwardMs)
    const about = { trigger: 'fix-forward' as const, since: now }
    if (clock === null) return [suspicion({ ...about, status: 'well', summary: 'nothing is open any more' })]
    const { since, until } = clock
    if (now < Date.parse(until)) {
      // Given more time, it is in time again.
      return clock.extended
        ? [suspicion({ ...about, status: 'well', summary: `it was given time until ${until}` })]
        : []
    }
    const summary = `not mended in place since ${since.slice(0, 16)}Z; the time for that was over at ${until.slice(0, 16)}Z`
    return [suspicion({ ...about, status: 'firing', summary, evidence: { since, until } })]
  }

  async #recordFindings(
    state: ServiceState,
    memory: WatchMemory,
    suspicions: readonly Suspicion[],
  ): Promise<void> {
    const { settings, tell } = this.#ports
    const changes = changesOf(suspicions, state.findings, memory.release, settings.triggers)
    if (changes.length === 0) return
    const subject = `release/${memory.release}`
    await this.#ports.record(changes.map(({ type, data }) => this.#event(state, type, subject, data)))
    for (const { type, data } of changes) {
      tell(
        type === 'FindingRecorded'
          ? { type: 'finding', finding: data.finding }
          : { type: 'finding-over', finding: data.finding, reason: data.reason },
      )
    }
  }

  /** A release that has baked is proven, and is what the next one is compared with; one that came back has helped, or not. */
  async #recordProof(memory: WatchMemory): Promise<void> {
    const state = await this.#ports.state()
    const subject = `release/${memory.release}`
    const { release, traffic } = memory
    const judged = judgeRecovery(traffic)
    const said = state.recoveries.findLast(
      (known) => known.release === release && known.at > memory.liveSince,
    )
    const recovery = judged?.outcome === said?.outcome ? null : judged
    if (recovery !== null) {
      await this.#ports.record([this.#event(state, 'RecoveryJudged', subject, { release, ...recovery })])
      this.#ports.tell({ type: 'recovery', outcome: recovery.outcome, detail: recovery.detail })
    }
    const clean = openFindings(state.findings, release).length === 0
    const known = state.releases.find(({ id }) => id === release)
    if (clean && known?.proven === null && known.bad === null) await this.#ports.settle()
    const baseline =
      clean && known?.proven ? newBaseline(traffic, state.baselines.get(release) ?? null) : null
    if (baseline !== null)
      await this.#ports.record([this.#event(state, 'BaselineRecorded', subject, { baseline })])
  }

  /** From findings to a verdict, and from a verdict whose time has come to a rollback; one move after the other. */
  async #follow(): Promise<void> {
    for (let moves = 0; moves < MOST_MOVES; moves++) {
      const state = await this.#ports.state()
      if (await this.#goOn(state)) continue
      const { settings, clock } = this.#ports
      const standing = openVerdict(state.verdicts)
      if (standing === null && !wantsDecision(state)) return
      const { policy, countdownMs } = settings
      const wayBack = await this.#wayBack(state)
      const move = decide({ state, policy, now: clock.now(), countdownMs, wayBack })
      if (move.move === 'carry-on') return
      await this.#make(move, state)
    }
  }

  /** Planning asks instances and database, so an answer stands for as long as what it was made from, and no more than half a minute. */
  async #wayBack(state: ServiceState): Promise<WayBack> {
    const corrupt = saysCorrupt(openFindings(state.findings, state.live))
    const key = `${state.position} ${corrupt}`
    const now = this.#ports.clock.now()
    if (this.#asked?.key !== key || now - this.#asked.at > WAY_BACK_MS)
      this.#asked = { key, at: now, wayBack: await this.#ports.planBack(corrupt) }
    return this.#asked.wayBack
  }

  /** A rollback that this watcher, or the one before it, began and that was cut short. */
  async #goOn(state: ServiceState): Promise<boolean> {
    const run = unfinishedRun(state)
    if (run === null || run.verdict === null || run.status !== 'running') return false
    const verdict = state.verdicts.find(({ id }) => id === run.verdict)
    if (verdict === undefined) return false
    await this.#ports.act(verdict)
    const after = unfinishedRun(await this.#ports.state())
    return after?.id !== run.id || after.status !== 'running'
  }

  async #make(move: Exclude<Move, { move: 'carry-on' }>, state: ServiceState): Promise<void> {
    const { tell, record, act } = this.#ports
    const subject = `release/${state.live ?? 'none'}`
    if (move.move === 'act') {
      tell({ type: 'acting', verdict: move.verdict })
      await act(move.verdict)
      return
    }
    if (move.move === 'end') {
      const { verdict, how, reason } = move
      await record([this.#event(state, 'VerdictEnded', subject, { verdict, how, reason })])
      tell({ type: 'verdict-over', verdict, how, reason })
      return
    }
    const verdict = { ...move.verdict, id: nextVerdictId(state.verdicts) }
    const ended =
      move.instead === null
        ? []
        : [{ verdict: move.instead, how: 'superseded' as const, reason: `${verdict.id} takes its place` }]
    await record([
      ...ended.map((data) => this.#event(state, 'VerdictEnded', subject, data)),
      this.#event(state, 'VerdictReached', subject, { verdict }),
    ])
    tell({ type: 'verdict', verdict })
  }

  #event<T extends EventType>(state: ServiceState, type: T, subject: string, data: EventData[T]): NewEvent {
    const { actor, clock } = this.#ports
    const at = new Date(clock.now()).toISOString()
    // `type` and `data` are tied by T; the union of all events cannot see that.
    return { type, service: state.service, subject, actor, at, data } as NewEvent
  }
}

/** A look makes two or three; more would mean that two rules disagree, and the next look is a second away. */
const MOST_MOVES = 8
const WAY_BACK_MS = 30_000
const UPKEEP_MS = 60_000
