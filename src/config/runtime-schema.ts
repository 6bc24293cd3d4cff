import * as z from 'zod'
import {
  choiceOf,
  describeUnknownChoice,
  duration,
  expecting,
  flag,
  mapOf,
  pathInside,
  textOf,
  wholeNumber,
} from './scalar-schemas.ts'
import { wordsSchema } from './word-schemas.ts'

export const RUNTIME_KINDS = ['pm2', 'compose', 'swarm'] as const

/** PM2 takes `all` for every app, digits for an id, and a name between slashes for a pattern. */
const APP_NAME = /^(?!all$)(?!\d+$)(?!-)[^\s/\\'"`$]+( [^\s/\\'"`$]+)*$/

const agent = flag()
  .prefault(true)
  .describe(
    'Preload lastgood/agent into every instance: it tells which release serves, holds listen() back, and drains. Without it the same is done from outside, slower.',
  )
const instances = (otherwise: string) =>
  wholeNumber(1, 256).nullable().prefault(null).describe(`How many copies run. null: ${otherwise}.`)
const pathOf = (what: string) =>
  z
    .string({ error: expecting(what) })
    .min(1, `must be ${what}`)
    .nullable()
    .prefault(null)

const pm2Schema = mapOf('a map with at least an app', {
  kind: z.literal('pm2').default('pm2').describe('What runs the instances.'),
  app: textOf('a PM2 app name (not "all", not only digits, no slash or quote)', APP_NAME).describe(
    'PM2 app name, as in the ecosystem file and in `pm2 list`.',
  ),
  ecosystem: pathInside('a PM2 ecosystem file')
    .nullable()
    .prefault(null)
    .describe(
      "PM2 ecosystem file, in the repository. It is read from each release's own checkout when it is built; what is set here wins over it.",
    ),
  script: pathInside('a script')
    .nullable()
    .prefault(null)
    .describe('Program to start, in the repository: dist/index.js. null: as the ecosystem file says.'),
  args: wordsSchema
    .nullable()
    .prefault(null)
    .describe('Arguments of the script. null: as the ecosystem file says.'),
  nodeArgs: wordsSchema
    .nullable()
    .prefault(null)
    .describe('Arguments of Node.js itself: --max-old-space-size=512. null: as the ecosystem file says.'),
  mode: choiceOf('mode', ['cluster', 'fork'])
    .nullable()
    .prefault(null)
    .describe(
      'PM2 mode. Only in cluster mode can two releases listen side by side, so only there nothing is lost in a switch. null: as the ecosystem file says.',
    ),
  instances: instances('as the ecosystem file says'),
  port: wholeNumber(1, 65_535)
    .nullable()
    .prefault(null)
    .describe('Port the service listens on. null: as the ecosystem file says, else the port of url.'),
  portVariable: textOf('a variable name', /^[A-Za-z_][A-Za-z0-9_]*$/)
    .default('PORT')
    .describe('Variable that tells the app its port. A copy that is only probed gets another value in it.'),
  agent,
  program: pathOf('a program').describe(
    "The pm2 program. A path is relative to this file. null: the project's node_modules, then PATH.",
  ),
  home: pathOf('a folder').describe(
    'PM2_HOME. A path is relative to this file. null: from the environment, else ~/.pm2.',
  ),
})

const SERVICE_NAME = /^[a-zA-Z0-9][a-zA-Z0-9._-]*$/

const registryOf = (otherwise: string) =>
  textOf('a name such as registry.example.org/team/store, without a tag', /^[^\s:@]+(:\d+)?\/[^\s:@]+$/)
    .nullable()
    .prefault(null)
    .describe(
      `Where images are pushed to and pulled from, by digest. The credentials are Docker's own. null: ${otherwise}.`,
    )
const engineSocket = pathOf('a path').describe(
  'Unix socket of the engine. A path is relative to this file. null: from DOCKER_HOST, else /var/run/docker.sock.',
)

const composeSchema = mapOf('a map with at least a service', {
  kind: z.literal('compose').describe('What runs the instances.'),
  service: textOf('the name of a service', SERVICE_NAME).describe(
    'The service, as the Compose file calls it.',
  ),
  project: textOf('the name of a project (a-z, 0-9, "-" and "_")', /^[a-z0-9][a-z0-9_-]*$/)
    .nullable()
    .prefault(null)
    .describe('Name of the Compose project. null: as Compose names it, after the folder of the repository.'),
  files: z
    .array(pathInside('a Compose file'), { error: expecting('a list of Compose files') })
    .min(1, 'is empty: write null for the files that Compose finds')
    .nullable()
    .prefault(null)
    .describe(
      "Compose files, in the repository. They are read from each release's own checkout when it is built. null: those that Compose finds.",
    ),
  instances: instances('as the Compose file says'),
  port: wholeNumber(1, 65_535)
    .nullable()
    .prefault(null)
    .describe('Port the service listens on inside of its container. null: as the Compose file says.'),
  agent,
  socket: engineSocket,
  program: pathOf('a program').describe(
    'The docker-compose program. null: docker compose, else docker-compose, on PATH.',
  ),
  registry: registryOf('images stay on this host'),
  router: routerSchema()
    .nullable()
    .prefault(null)
    .describe(
      'What brings requests to the containers, so that two releases can serve side by side. null: nothing does, the service has the port of the host itself, and a switch leaves a gap.',
    ),
})

const swarmSchema = mapOf('a map with a service and a port', {
  kind: z.literal('swarm').describe('What runs the instances.'),
  service: textOf('the name of a service', SERVICE_NAME).describe(
    'The service, as docker service ls has it: shop_app. docker stack deploy made it; lastgood takes its settings into each release.',
  ),
  instances: instances('as many as the service has'),
  port: wholeNumber(1, 65_535).describe('Port the service listens on inside of its container.'),
  agent: z
    .literal(false)
    .default(false)
    .describe('The tasks may be on other nodes, where no agent of theirs can be asked.'),
  socket: engineSocket,
  registry: registryOf('there is one node, and they stay on it'),
  router: mapOf('a map with haproxy', {
    haproxy: haproxySchema().describe('HAProxy, which finds the tasks by their name.'),
  })
    .nullable()
    .prefault(null)
    .describe(
      'What brings requests to the tasks: it is told which of them leave, a second before their name is gone. null: nothing is told, and whatever it is sees that by itself.',
    ),
})

function haproxySchema() {
  return mapOf('a map with a socket and a backend', {
    socket: textOf('a path or host:port', /^\S+$/).describe(
      'The runtime API of HAProxy (stats socket ... level admin): a path, relative to this file, or host:port.',
    ),
    backend: textOf('the name of a backend', /^[\w.:-]+$/).describe('The backend with the containers.'),
  })
}

function routerSchema() {
  const one = mapOf('a map with haproxy, caddy or labels', {
    haproxy: haproxySchema()
      .nullable()
      .default(null)
      .describe('HAProxy, which finds the containers by their name.'),
    caddy: mapOf('a map with an admin address, an id and a folder', {
      admin: textOf('a URL such as http://127.0.0.1:2019', /^https?:\/\/\S+$/).describe(
        'The admin API of Caddy, as it is reached from this host.',
      ),
      id: textOf('an @id', /^[\w.-]+$/).describe('The @id of the reverse_proxy handler.'),
      live: textOf('a folder', /\S/).describe(
        'Folder, relative to this file, that Caddy sees as well: the file in it is called as the containers are that get the requests.',
      ),
    })
      .nullable()
      .default(null)
      .describe('Caddy, which finds the containers by the name of a file.'),
    labels: mapOf('a map with a time', {
      settle: duration(0)
        .prefault('3s')
        .describe('How long it takes to notice that a container came or went.'),
    })
      .nullable()
      .default(null)
      .describe(
        'A router that watches the engine, such as Traefik: it needs a healthcheck in the Compose file.',
      ),
  })
  return one
    .refine((router) => Object.values(router).filter((each) => each !== null).length === 1, {
      error: 'must have one of haproxy, caddy and labels',
    })
    .transform(({ labels, ...router }) => ({
      ...router,
      labels: labels === null ? null : { settleMs: labels.settle },
    }))
}

/** A file without a kind is one for PM2. */
export const runtimeSchema = z.preprocess(
  (value) =>
    value instanceof Object && !Array.isArray(value) && !('kind' in value)
      ? { kind: 'pm2', ...value }
      : value,
  z.discriminatedUnion('kind', [pm2Schema, composeSchema, swarmSchema], { error: unknownKind }),
)

function unknownKind(issue: { input?: unknown }): string {
  const { input } = issue
  if (!(input instanceof Object) || Array.isArray(input))
    return expecting('a map with at least an app')(issue)
  const kind = 'kind' in input ? input.kind : null
  return describeUnknownChoice('runtime', kind, RUNTIME_KINDS)
}
