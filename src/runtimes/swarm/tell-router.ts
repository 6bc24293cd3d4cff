import { type HaproxyServer, isUp } from '../../docker/haproxy-state.ts'
import { RouterFailed } from '../../docker/router-failed.ts'
import { type SeenTask, seeTasks } from './observe.ts'
import type { Service } from './parse.ts'
import { POLL_MS, type SwarmContext } from './swarm-context.ts'

/** From the end of a task's name to the moment at which HAProxy has forgotten its address. */
const FORGET_MS = 5_000

/**
 * HAProxy finds the tasks by their name. It is told which of them are to end as soon as it has found all that stay: the name
 * of a task that is told to end goes a second later, as its node waits for that long (swarmkit, agent/task.go, ErrTaskRetry).
 * So it is said when, and never who: without us the same tasks serve.
 *
 * To be called again and again, with every task. It never fails: what is not told here the swarm does a second later. A slot
 * that drains and has got another address, or has none any more, is given requests again.
 *
 * @returns whether it has forgotten all that were to end
 */
export async function tellRouter({ router }: SwarmContext, tasks: readonly SeenTask[]): Promise<boolean> {
  if (router === null) return true
  const wanted = tasks.filter((task) => task.wanted === 'running')
  const staying = addressesOf(wanted)
  const leaving = addressesOf(tasks).filter((address) => !staying.includes(address))
  try {
    const servers = await router.servers()
    const inVain = servers.filter(
      (server) => server.drains && (server.address === null || isAt(server, staying)),
    )
    await router.set(namesOf(inVain), 'state ready')
    const serving = wanted.filter(({ runs }) => runs)
    const isFound = ({ addresses }: SeenTask) =>
      servers.some((server) => isUp(server) && isAt(server, addresses))
    const left = servers.filter((server) => isAt(server, leaving))
    if (serving.length > 0 && serving.every(isFound))
      await router.set(namesOf(left.filter(({ drains }) => !drains)), 'state drain')
    return left.length === 0
  } catch (error) {
    if (error instanceof RouterFailed) return true
    throw error
  }
}

/** Why it cannot be told anything; null: it can, or there is none. */
export async function obstacleOf({ router }: SwarmContext): Promise<string | null> {
  try {
    return (await router?.servers())?.length === 0 ? 'HAProxy has no server in that backend' : null
  } catch (error) {
    if (error instanceof RouterFailed) return error.message
    throw error
  }
}

/** A slot that still drains would keep the next task that gets it without requests. */
export async function settleRouter(context: SwarmContext, service: Service): Promise<void> {
  const { clock } = context
  const deadline = clock.now() + FORGET_MS
  while (!(await tellRouter(context, await seeTasks(context, service)))) {
    if (clock.now() >= deadline) return
    await clock.sleep(POLL_MS)
  }
}

const addressesOf = (tasks: readonly SeenTask[]) => tasks.flatMap(({ addresses }) => addresses)

function isAt({ address }: HaproxyServer, addresses: readonly string[]): boolean {
  return address !== null && addresses.includes(address)
}

const namesOf = (servers: readonly HaproxyServer[]) => servers.map(({ name }) => name)
