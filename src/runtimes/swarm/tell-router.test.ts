import { describe, expect, test } from 'vitest'
import type { Haproxy } from '../../docker/haproxy.ts'
import type { HaproxyServer } from '../../docker/haproxy-state.ts'
import { RouterFailed } from '../../docker/router-failed.ts'
import type { SeenTask } from './observe.ts'
import type { SwarmContext } from './swarm-context.ts'
import { obstacleOf, tellRouter } from './tell-router.ts'

const OLD = '10.0.0.1'
const NEW = '10.0.0.2'

/** `leaving`: it runs, and is told to end. */
function taskAt(address: string, what: 'serving' | 'leaving' | 'ended' | 'starting'): SeenTask {
  const runs = what === 'serving' || what === 'leaving'
  const wanted = what === 'serving' || what === 'starting' ? 'running' : 'shutdown'
  const state = runs ? 'running' : what === 'ended' ? 'shutdown' : 'starting'
  return { addresses: [address], runs, ends: what === 'leaving', wanted, state } as SeenTask
}

/** `10.0.0.1`, `10.0.0.1 drains`, `free drains`, `10.0.0.1 down` */
function haproxyWith(...slots: string[]) {
  const servers: HaproxyServer[] = slots.map((slot, index) => {
    const [address = '', ...facts] = slot.split(' ')
    return {
      name: `app${index + 1}`,
      address: address === 'free' ? null : address,
      operation: facts.includes('down') ? 0 : 2,
      drains: facts.includes('drains'),
      checks: false,
    }
  })
  const told: string[] = []
  const router: Haproxy = {
    servers: async () => servers,
    async set(names, what) {
      told.push(...names.map((name) => `${name} ${what}`))
    },
    sessions: async () => new Map(),
  }
  return { context: { router } as SwarmContext, told }
}

describe('a task that is told to end', () => {
  test('gets nothing new, as soon as the one in its place is found', async () => {
    const { context, told } = haproxyWith(OLD, NEW, 'free')
    expect(await tellRouter(context, [taskAt(OLD, 'leaving'), taskAt(NEW, 'serving')])).toBe(false)
    expect(told).toEqual(['app1 state drain'])
  })

  test.each([
    ['not found yet', [OLD, 'free']],
    ['found, and fails its check', [OLD, `${NEW} down`]],
    ['found, in a slot that drains until now', [OLD, `${NEW} drains`]],
  ])('goes on while the one in its place is %s', async (_, slots) => {
    const { context, told } = haproxyWith(...slots)
    expect(await tellRouter(context, [taskAt(OLD, 'leaving'), taskAt(NEW, 'serving')])).toBe(false)
    expect(told).not.toContain('app1 state drain')
  })

  test('is not told of twice, and is waited for until it is forgotten', async () => {
    const tasks = [taskAt(OLD, 'ended'), taskAt(NEW, 'serving')]
    const lingers = haproxyWith(`${OLD} drains`, NEW)
    expect(await tellRouter(lingers.context, tasks)).toBe(false)
    expect(lingers.told).toEqual([])
    const forgotten = haproxyWith('free drains', NEW)
    expect(await tellRouter(forgotten.context, tasks)).toBe(true)
    expect(forgotten.told).toEqual(['app1 state ready'])
  })

  test('goes on where nothing is in its place', async () => {
    const { context, told } = haproxyWith(OLD)
    await tellRouter(context, [taskAt(OLD, 'leaving')])
    expect(told).toEqual([])
  })
})

test('a slot that was told to drain gives requests to the task that got its address', async () => {
  const { context, told } = haproxyWith(`${NEW} drains`, OLD)
  await tellRouter(context, [taskAt(OLD, 'serving'), taskAt(NEW, 'serving')])
  expect(told).toEqual(['app1 state ready'])
})

test('an address that has passed from one that ended to one that starts is not taken away', async () => {
  const { context, told } = haproxyWith(NEW, OLD)
  await tellRouter(context, [taskAt(NEW, 'ended'), taskAt(NEW, 'starting'), taskAt(OLD, 'serving')])
  expect(told).toEqual([])
})

test('what somebody else lets drain is let be', async () => {
  const { context, told } = haproxyWith('10.0.0.9 drains', OLD)
  expect(await tellRouter(context, [taskAt(OLD, 'serving')])).toBe(true)
  expect(told).toEqual([])
})

test('an HAProxy that does not answer stops nothing, and doctor hears why', async () => {
  const fail = () => Promise.reject(new RouterFailed('HAProxy does not answer at run/admin.sock'))
  const context = { router: { servers: fail, set: fail, sessions: fail } } as unknown as SwarmContext
  expect(await tellRouter(context, [taskAt(OLD, 'leaving'), taskAt(NEW, 'serving')])).toBe(true)
  expect(await obstacleOf(context)).toContain('does not answer')
  expect(await obstacleOf(haproxyWith().context)).toContain('no server')
  expect(await obstacleOf(haproxyWith(OLD).context)).toBeNull()
})
