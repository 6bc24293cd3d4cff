import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { findDocker } from '../../lab/docker/find-docker.ts'
import { startRegistry } from '../../lab/docker/start-registry.ts'
import type { SwarmNode } from '../../lab/docker/swarm-nodes.ts'
import { waitUntil } from '../../lab/wait-until.ts'
import { exhaustive } from '../support/sampled.ts'
import { openTinyOnSwarm, SERVICE, type TinyOnSwarm } from '../support/tiny-on-swarm.ts'

const programs = await findDocker()
if ('missing' in programs) test.skip(`Swarm of three nodes: ${programs.missing}`)
else if (programs.registry === null) test.skip('Swarm of three nodes: docker-registry: not installed')
else if (!exhaustive) test.skip('Swarm of three nodes: takes minutes; npm run test:exhaustive')
const registry = 'missing' in programs ? null : programs.registry

/** Every one a manager: lastgood and the proxy are on the first, the second leads, and the third is just one more. */
describe.skipIf(!exhaustive || registry === null)('a service of a swarm of three nodes', () => {
  let tiny: TinyOnSwarm
  beforeAll(async () => {
    if ('missing' in programs || registry === null) return
    tiny = await openTinyOnSwarm('swarm-nodes', programs, 3, { instances: 3 })
    const address = await startRegistry(tiny.lab, registry, { host: tiny.address })
    await tiny.configure({ registry: `${address}/shop/tiny` })
    await tiny.commit('1.0.0')
  }, 180_000)
  // Whatever the one before has left: no node is lost, and no run is under way.
  beforeEach(async () => {
    await Promise.all(tiny.nodes.map(({ engine }) => engine.start()))
    await isWhole()
    await tiny.lastgood(['resume', '--yes'])
  }, 180_000)
  afterAll(() => tiny?.close())

  const node = (number: number): SwarmNode => {
    const found = tiny.nodes[number - 1]
    if (found === undefined) throw new Error(`there is no node ${number}`)
    return found
  }
  /** By each node's own listing. */
  const runningOn = async ({ engine }: SwarmNode) => {
    const releases = await engine.docker(
      'ps',
      '--filter',
      'label=lastgood.release',
      '--format',
      '{{.Label "lastgood.release"}}',
    )
    return releases.split('\n').filter(Boolean)
  }
  const threeOf = (release: string) => Array<string>(3).fill(`${release} running`)
  const isAllRunning = (release: string) => async () =>
    (await tiny.serving()).join() === threeOf(release).join()
  const isOnly = async (release: string) => {
    expect(await tiny.serving()).toEqual(threeOf(release))
    expect(await tiny.services()).toBe(SERVICE)
    expect(await tiny.answer()).toMatchObject({ release })
  }
  /** By the listings of these nodes, once those that were told to end have ended: nothing but the three. */
  const isAllOn = (nodes: SwarmNode[], release: string) => {
    const all = async () => (await Promise.all(nodes.map(runningOn))).flat().join()
    return waitUntil(async () => (await all()) === Array(3).fill(release).join(), {
      what: `three tasks of ${release} and nothing else`,
    })
  }
  /** All are ready, one of them leads. */
  const isWhole = () =>
    waitUntil(
      async () => {
        const states = await tiny.docker('node', 'ls', '--format', '{{.Status}} {{.ManagerStatus}}')
        return states.split('\n').filter((line) => /^Ready (Leader|Reachable)$/.test(line)).length === 3
      },
      { what: 'the three nodes', timeoutMs: 60_000, everyMs: 200 },
    )
  /** What serves with its three tasks, and one to go to from there. */
  const nowAndNext = async () => {
    const served = async () => {
      const [first = '', ...others] = await tiny.serving()
      const isAll = others.length === 2 && others.every((other) => other === first)
      return isAll ? /^(.*) running$/.exec(first)?.[1] : null
    }
    const now = await waitUntil(served, { what: 'three tasks of one release', timeoutMs: 60_000 })
    const next = now === 'r1' ? 'r2' : 'r1'
    await tiny.ok('releases', 'mark', 'proven', next, '--reason', 'it is', '--yes')
    return { now, next }
  }
  /** In a rollback, as soon as the swarm has been told to switch. */
  const killHalfWay = async (release: string) => {
    const killed = await tiny.lastgood(['rollback', release, '--yes'], { at: 'switch-traffic/activated' })
    expect(killed.exit, killed.stdout).toBe(137)
  }
  /** Runs it, and as soon as the swarm has been told to switch, loses this node. */
  const loseIn = async (lost: SwarmNode, release: string, ...args: string[]) => {
    const { ended } = tiny.begin([...args, '--yes', '--json'])
    const label = '{{index .Spec.TaskTemplate.ContainerSpec.Labels "lastgood.release"}}'
    const isTold = async () =>
      (await tiny.docker('service', 'inspect', '--format', label, SERVICE)) === release
    await Promise.race([waitUntil(isTold, { what: 'the switch', timeoutMs: 60_000, everyMs: 20 }), ended])
    await lost.engine.kill()
    return ended
  }

  test('each node pulls the release by its digest and serves it', async () => {
    await tiny.ok('deploy', '--yes')
    await isOnly('r1')
    for (const each of tiny.nodes) expect(await runningOn(each)).toEqual(['r1'])
    await tiny.commit('1.1.0')
    await tiny.ok('deploy', '--yes')
    await isOnly('r2')
    for (const each of tiny.nodes)
      await waitUntil(async () => (await runningOn(each)).join() === 'r2', { what: `${each.name} to end r1` })
  })

  test('a node is lost half way through a rollback: its task is begun elsewhere, and three serve', async () => {
    const { json } = await loseIn(node(3), 'r1', 'rollback', 'r1')
    expect(json, JSON.stringify(json)).toMatchObject({ exit: 0 })
    await isOnly('r1')
    await node(3).engine.start()
    await isWhole()
    await isOnly('r1')
    await isAllOn(tiny.nodes, 'r1')
  })

  test('the manager that leads is lost half way through a deploy: the others choose one, and the deploy goes on', async () => {
    await tiny.commit('1.2.0')
    const { json } = await loseIn(node(2), 'r3', 'deploy')
    expect(json, JSON.stringify(json)).toMatchObject({ exit: 0 })
    await isOnly('r3')
    const leader = await tiny.docker('node', 'ls', '--format', '{{.Hostname}} {{.ManagerStatus}}')
    expect(leader).toMatch(/node-[13] Leader/)
  })

  test('lastgood is killed half way, and a node is lost: resume ends it, and nothing is left over', async () => {
    const { next } = await nowAndNext()
    await killHalfWay(next)
    await node(3).engine.kill()
    tiny.expireLease()
    await tiny.ok('resume', '--yes')
    await isOnly(next)
    await isAllOn([node(1), node(2)], next)
    await node(3).engine.start()
    await isWhole()
    await isAllOn(tiny.nodes, next)
  })

  test('the node of a standby is lost, and nobody has noticed yet: it is booted elsewhere, and takes over', async () => {
    const { now } = await nowAndNext()
    await tiny.ok('releases', 'mark', 'proven', now, '--reason', 'it is', '--yes')
    await tiny.configure({ standby: 'warm' })
    await tiny.commit('1.2.1')
    await tiny.ok('deploy', '--yes')
    const [standby = ''] = (await tiny.ok('status')).json.standby as string[]
    const there = ['--constraint-add', 'node.hostname==node-3']
    await tiny.docker('service', 'update', '--quiet', ...there, `${SERVICE}-${standby}-probe`)
    await waitUntil(async () => (await runningOn(node(3))).includes(standby), { what: 'it to be on node-3' })
    await tiny.configure({ standby: 'none' })
    await node(3).engine.kill()
    const { json } = await tiny.ok('rollback', standby, '--yes', '--reason', 'a test')
    expect(JSON.stringify(json.plan)).not.toContain('start-candidate')
    await isOnly(standby)
  })

  test('an image that a node cannot get: it is said which, and what serves serves on', async () => {
    const { now } = await nowAndNext()
    // Whoever types it waits until what serves runs there.
    const update = (...args: string[]) => tiny.docker('service', 'update', '--quiet', ...args, SERVICE)
    await update('--constraint-add', 'node.hostname==node-3')
    await waitUntil(isAllRunning(now), { what: `${now} on node-3 alone`, timeoutMs: 60_000, everyMs: 200 })
    await tiny.configure({ registry: undefined })
    await tiny.commit('1.3.0')
    const { json } = await tiny.lastgood(['deploy', '--yes', '--json'])
    expect(json).toMatchObject({ code: 'CANDIDATE_NOT_READY' })
    expect(JSON.stringify(json.details)).toMatch(/node-3 refused it: No such image/)
    await isOnly(now)
    await update('--constraint-rm', 'node.hostname==node-3', '--force')
    await waitUntil(isAllRunning(now), { what: `${now} on all nodes`, timeoutMs: 60_000, everyMs: 200 })
  })

  test('without more than half of the managers nothing is changed, and the tasks serve on', async () => {
    const { next } = await nowAndNext()
    for (const each of [node(2), node(3)]) await each.engine.kill()
    const isAlone = () =>
      tiny.docker('node', 'ls').then(
        () => false,
        () => true,
      )
    await waitUntil(isAlone, { what: 'the first node to notice', timeoutMs: 60_000, everyMs: 200 })
    const { json } = await tiny.lastgood(['rollback', next, '--yes', '--json'])
    expect(json).toMatchObject({ code: 'RUNTIME_DOWN', exit: 15 })
    expect(json.message).toContain('no leader')
    expect(await tiny.answer()).not.toBeNull()
  })

  test('lastgood is killed half way, and a node is lost and removed: resume ends it on the others', async () => {
    const { next } = await nowAndNext()
    await killHalfWay(next)
    await node(3).engine.kill()
    // It may have been the one that led.
    const patience = { what: 'node-3 to be removed', timeoutMs: 60_000, everyMs: 500 }
    const remove = async () => {
      await tiny.docker('node', 'demote', 'node-3')
      await tiny.docker('node', 'rm', '--force', 'node-3')
      return true
    }
    await waitUntil(remove, patience)
    tiny.expireLease()
    await tiny.ok('resume', '--yes')
    await isOnly(next)
    await isAllOn([node(1), node(2)], next)
  })
})
