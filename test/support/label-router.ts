import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { type Container, listContainers } from '../../src/docker/containers.ts'
import { Engine } from '../../src/docker/engine.ts'

/** `providers.providersThrottleDuration`, as it is unless somebody sets it. */
const THROTTLE_MS = 2_000
const RECONNECT_MS = 100

interface Route {
  prefix: string
  service: string
  attempts: number
}

interface Routing {
  routes: Route[]
  /** Addresses, by service. */
  servers: Map<string, string[]>
}

/**
 * A fake: what Traefik's documentation and source say of its Docker provider, and no line of Traefik. It reads the labels of
 * every running container anew at each start, end and change of health; takes a container that is healthy or has no
 * healthcheck; takes over what it has read at most every 2 s; and sends to the servers of a service in turn. `retry` asks the
 * next one when a container refuses; stricter than Traefik, a request is lost that goes to one which is no more. A router that two containers define differently is none.
 */
export async function startLabelRouter(address: string, port: number): Promise<{ close(): Promise<void> }> {
  const engine = new Engine(address)
  const abort = new AbortController()
  const agent = new Agent({ keepAlive: true })
  const now = { routing: { routes: [], servers: new Map() } as Routing, turn: 0 }
  const takeOver = throttle((routing: Routing) => {
    now.routing = routing
  })
  const read = async () => takeOver(routingOf(await listContainers(engine, ['traefik.enable=true'])))
  const watching = watch(address.replace('unix://', ''), read, abort.signal)

  const server = createServer((asked, response) => {
    const route = now.routing.routes.find(({ prefix }) => asked.url?.startsWith(prefix))
    if (route === undefined) return void response.writeHead(404).end()
    void passOn(asked, response, route, () => {
      const servers = now.routing.servers.get(route.service) ?? []
      now.turn += 1
      return servers[now.turn % servers.length] ?? null
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))

  async function passOn(
    asked: IncomingMessage,
    response: ServerResponse,
    { attempts }: Route,
    next: () => string | null,
  ) {
    for (let tries = 1; ; tries += 1) {
      const to = next()
      if (to === null) return response.writeHead(503).end()
      const answer = await send(asked, to, agent)
      if (answer === 'nobody') return response.writeHead(504).end()
      if (answer !== 'refused') {
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        return answer.pipe(response)
      }
      if (tries >= attempts) return response.writeHead(502).end()
    }
  }

  return {
    async close() {
      abort.abort()
      await watching
      agent.destroy()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Only requests without a body come here. `nobody`: the address is no container's any more, which takes seconds to find out. */
function send(
  { method, url, headers }: IncomingMessage,
  to: string,
  agent: Agent,
): Promise<IncomingMessage | 'refused' | 'nobody'> {
  return new Promise((resolve) => {
    const [host, port] = to.split(':')
    const sent = request({ host, port, method, path: url, headers, agent })
    sent.on('response', resolve)
    sent.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'EHOSTUNREACH' ? 'nobody' : 'refused'),
    )
    sent.end()
  })
}

/** Each call is kept until it may be taken over; of several, the last one. */
function throttle<T>(takeOver: (value: T) => void): (value: T) => void {
  let earliest = 0
  let latest: { value: T } | null = null
  return (value) => {
    const waits = latest !== null
    latest = { value }
    if (waits) return
    setTimeout(
      () => {
        if (latest !== null) takeOver(latest.value)
        latest = null
        earliest = performance.now() + THROTTLE_MS
      },
      Math.max(0, earliest - performance.now()),
    )
  }
}

/** Until it is told to end; an engine that goes is waited for. */
async function watch(socketPath: string, read: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await read()
      for await (const event of events(socketPath, signal)) if (CHANGES.test(event)) await read()
    } catch {
      // What is routed stays as it is.
    }
    await pause(RECONNECT_MS, null, { signal }).catch(() => {})
  }
}

const CHANGES = /^(start|die|health_status.*)$/

/** What happens to containers, as it happens: `start`, `health_status: healthy`. */
async function* events(socketPath: string, signal: AbortSignal): AsyncGenerator<string> {
  const path = `/events?filters=${encodeURIComponent(JSON.stringify({ type: ['container'] }))}`
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    request({ socketPath, path, signal, headers: { host: 'docker' } }, resolve)
      .on('error', reject)
      .end()
  })
  let begun = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = `${begun}${chunk}`.split('\n')
    begun = lines.pop() ?? ''
    for (const line of lines) if (line !== '') yield String(JSON.parse(line).Action)
  }
}

function routingOf(containers: readonly Container[]): Routing {
  const servers = new Map<string, string[]>()
  const routes = new Map<string, Route | 'several'>()
  for (const { status, health, labels, ips } of containers) {
    if (status !== 'running' || (health !== null && health !== 'healthy')) continue
    const [service, port] = serviceOf(labels)
    servers.set(service, [...(servers.get(service) ?? []), `${ips[0]}:${port}`])
    for (const [label, rule] of Object.entries(labels)) {
      const name = /^traefik\.http\.routers\.([^.]+)\.rule$/.exec(label)?.[1]
      if (name === undefined) continue
      const route = {
        prefix: /^PathPrefix\(`(.*)`\)$/.exec(rule)?.[1] ?? '',
        service,
        attempts: triesOf(labels, name),
      }
      const other = routes.get(name) ?? route
      routes.set(name, JSON.stringify(other) === JSON.stringify(route) ? route : 'several')
    }
  }
  return { servers, routes: [...routes.values()].filter((route) => route !== 'several') }
}

/** One that is not named gets the name of the container's own Compose project: another one with every release. */
function serviceOf(labels: Record<string, string>): [name: string, port: string] {
  for (const [label, port] of Object.entries(labels)) {
    const name = /^traefik\.http\.services\.([^.]+)\.loadbalancer\.server\.port$/.exec(label)?.[1]
    if (name !== undefined) return [name, port]
  }
  return [`${labels['com.docker.compose.service']}-${labels['com.docker.compose.project']}`, '80']
}

function triesOf(labels: Record<string, string>, router: string): number {
  const middleware = labels[`traefik.http.routers.${router}.middlewares`]
  return Number(labels[`traefik.http.middlewares.${middleware}.retry.attempts`] ?? 1)
}
