import type { Findings } from './findings.ts'
import { writeComment, writeScalar } from './write-scalar.ts'

/** What PM2 runs: from the ecosystem file where there is one, else from package.json, else a guess. */
export function runtimeSection(findings: Findings, fallbackName: string): string[] {
  const { app, unreadable, otherApps } = findings
  return [
    ...(unreadable === null
      ? []
      : [`# ${unreadable.file} could not be read: ${writeComment(unreadable.why)}`]),
    ...(otherApps.length === 0
      ? []
      : [
          `# ${writeComment(`PM2 runs more than this: ${otherApps.join(', ')}. Each is a service with a file of its own.`)}`,
        ]),
    'runtime:',
    '  kind: pm2',
    `  app: ${writeScalar(app?.name ?? fallbackName)} # as in pm2 list`,
    ...(app?.file ? fromEcosystem(app.file, findings) : fromPackage(findings)),
    ...portLine(findings),
    '  # agent: true # preloads lastgood/agent: it tells which release serves, holds listen() back, and drains',
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
