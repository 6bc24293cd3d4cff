import type { Findings, FoundCompose } from './findings.ts'
import { writeComment, writeScalar } from './write-scalar.ts'

/** It has a Compose or stack file, and nothing for PM2. */
export function runsInContainers({ app, unreadable, compose }: Findings): boolean {
  return compose !== null && app === null && unreadable === null
}

/** What PM2 runs: from the ecosystem file where there is one, else from package.json, else a guess. */
export function runtimeSection(findings: Findings, fallbackName: string): string[] {
  const { app, unreadable, otherApps, compose, dockerfile } = findings
  if (compose !== null && runsInContainers(findings)) return fromCompose(compose, fallbackName)
  return [
    ...(unreadable === null
      ? []
      : [`# ${unreadable.file} could not be read: ${writeComment(unreadable.why)}`]),
    ...(otherApps.length === 0
      ? []
      : [
          `# ${writeComment(`PM2 runs more than this: ${otherApps.join(', ')}. Each is a service with a file of its own.`)}`,
        ]),
    ...(dockerfile === null || compose !== null
      ? []
      : [
          '# There is a Dockerfile: with a Compose or stack file that names it, its images can be the releases (docs/docker.md).',
        ]),
    ...(compose === null
      ? []
      : [
          `# ${compose.file} has a service ${writeComment(compose.service)} as well: docs/docker.md says how it is run there.`,
        ]),
    'runtime:',
    '  kind: pm2',
    `  app: ${writeScalar(app?.name ?? fallbackName)} # as in pm2 list`,
    ...(app?.file ? fromEcosystem(app.file, findings) : fromPackage(findings)),
    ...portLine(findings),
    '  # agent: true # preloads lastgood/agent: it tells which release serves, holds listen() back, and drains',
  ]
}

function fromCompose({ file, service, kind, router }: FoundCompose, name: string): string[] {
  if (kind === 'swarm')
    return [
      'runtime:',
      '  kind: swarm',
      `  service: ${writeScalar(`${name}_${service}`)} # guess: docker service ls has its full name; ${file} made it`,
      '  port: 3000 # guess: where it listens inside of its container',
      '  # registry: registry.example.org/team/name # where the nodes pull images from; left out: there is one node',
      '  # router: { haproxy: { socket: run/admin.sock, backend: app } } # an HAProxy before it is told which tasks leave',
    ]
  const sockets = {
    haproxy: 'haproxy: { socket: run/admin.sock, backend: app } # guess: its `stats socket ... level admin`',
    caddy:
      'caddy: { admin: http://127.0.0.1:2019, id: app, live: run/live } # guess: the @id of its reverse_proxy, and a folder it sees',
    traefik: 'labels: { settle: 3s } # needs a healthcheck in the Compose file',
  }
  return [
    'runtime:',
    '  kind: compose',
    `  service: ${writeScalar(service)} # as in ${file}`,
    '  # instances: 2 # default: as the Compose file says',
    ...(router === null
      ? [
          '  # Nothing routes: a switch stops the old container and starts the new one. With a router it leaves no gap:',
        ]
      : [`  # ${router} in ${file} brings the requests, so that two releases can serve side by side.`]),
    router === null ? '  # router:' : '  router:',
    router === null ? `  #   ${sockets.haproxy}` : `    ${sockets[router]}`,
  ]
}

function fromEcosystem(file: string, { app }: Findings): string[] {
  const instances = app?.instances ?? 'as many as the file says'
  return [
    "  # Read from each release's own checkout when it is built; what is set here wins over it.",
    `  ecosystem: ${writeScalar(file)}`,
    ...(app?.script
      ? [`  # script: ${writeComment(writeScalar(app.script))} # as the ecosystem file says`]
      : []),
    ...(app?.mode === 'fork'
      ? [
          '  # Fork mode: only one release can listen at a time, so a switch leaves a gap. In cluster mode it leaves none:',
          '  # mode: cluster',
        ]
      : [`  # mode: cluster # as the ecosystem file says; instances: ${instances}`]),
  ]
}

function fromPackage({ app, script }: Findings): string[] {
  const entry = app?.script ?? script
  const mode = app?.mode ?? 'cluster'
  return [
    entry === null
      ? '  script: dist/index.js # guess: the file that starts the service'
      : `  script: ${writeScalar(entry)}`,
    mode === 'cluster'
      ? '  mode: cluster # two releases can listen side by side, so a switch loses nothing'
      : '  mode: fork # a switch leaves a gap; in cluster mode it leaves none',
    `  instances: ${app?.instances ?? (mode === 'cluster' ? 2 : 1)}`,
  ]
}

function portLine({ port }: Findings): string[] {
  return port === null
    ? ['  # port: 3000 # default: as in url']
    : [`  port: ${port.number} # from ${port.from}`]
}
