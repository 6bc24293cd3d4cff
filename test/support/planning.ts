import { emptyState } from '../../src/domain/fold-service.ts'
import type { Instance, InstanceState } from '../../src/domain/instance.ts'
import type { Mark, Release } from '../../src/domain/release.ts'
import type { ServiceState } from '../../src/domain/service-state.ts'
import type { PlanningInput } from '../../src/planner/planning-input.ts'
import { releaseFor } from './temporary-project.ts'

export const mark: Mark = { at: '2026-03-01T03:00:00.000Z', actor: 'ann', reason: 'it was' }

/** Releases in short: `r1 proven`, `r2 bad`, `r3 proven retired`, `r4`. */
export function releasesOf(...words: string[]): Release[] {
  return words.map((text) => {
    const [id = 'r1', ...facts] = text.split(' ')
    const has = (fact: string) => facts.includes(fact)
    return releaseFor(id, {
      commit: id.slice(1).repeat(40).slice(0, 40),
      ref: `tag-${id}`,
      version: `1.${id.slice(1)}.0`,
      proven: has('proven') ? mark : null,
      bad: has('bad') ? mark : null,
      retiredAt: has('retired') ? mark.at : null,
    })
  })
}

export function stateOf(live: string | null, ...releases: string[]): ServiceState {
  return { ...emptyState('store'), position: 7, live, releases: releasesOf(...releases) }
}

export function instanceOf(
  release: string | null,
  state: InstanceState,
  changes: Partial<Instance> = {},
): Instance {
  return {
    id: '1',
    release,
    unit: `store-${release}`,
    state,
    seenBy: 'agent',
    startedAt: 0,
    restarts: 0,
    traffic: null,
    ...changes,
  }
}

export const able = (
  holds: boolean,
  sideBySide: boolean,
  keepsTried = false,
): PlanningInput['capabilities'] => ({
  holds,
  sideBySide,
  keepsTried,
  obstacles: { holds: 'the agent is switched off', sideBySide: 'there is one port' },
})

export function inputOf(state: ServiceState, changes: Partial<PlanningInput> = {}): PlanningInput {
  return {
    state,
    instances: state.live === null ? [] : [instanceOf(state.live, 'listening')],
    capabilities: able(true, true),
    wanted: 2,
    settings: {
      standby: 'none',
      verifyWindowMs: 1_000,
      drainTimeoutMs: 1_000,
      migrates: false,
      clearsCache: false,
    },
    database: null,
    restoreId: 'r1',
    nextCheckpoint: null,
    planId: 'p1',
    madeAt: mark.at,
    ...changes,
  }
}
