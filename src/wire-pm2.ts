import { homedir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureAgent } from './agent-client/install-agent.ts'
import { runFolderPath } from './agent-client/run-folder.ts'
import { shellWord } from './domain/shell-word.ts'
import { OperatorError } from './errors/operator-error.ts'
import { Pm2Program } from './runtimes/pm2/pm2-program.ts'
import { createPm2Runtime } from './runtimes/pm2/pm2-runtime.ts'
import { createPm2Packager } from './source/pm2-packager.ts'
import { releasesFolder } from './store/release-paths.ts'
import { adoptedUnit, type RuntimeParts, type WiredRuntime } from './wire-runtime.ts'

/** PM2's part of the composition root. */
export function wirePm2(parts: RuntimeParts): WiredRuntime {
  const { configuration, home, env, runner, clock, crash, state } = parts
  const { service, runtime: settings, url, source } = configuration
  if (settings.kind !== 'pm2') throw new OperatorError('INTERNAL', { detail: 'not a configuration for PM2' })
  const { app, agent, mode, instances, portVariable } = settings
  const pm2Home = resolve(settings.home ?? env.PM2_HOME ?? join(env.HOME ?? homedir(), '.pm2'))
  const program = new Pm2Program(
    { program: settings.program, project: source.repository, home: pm2Home, env },
    runner,
  )
  const context = {
    program,
    app,
    trial: false,
    runFolder: runFolderPath(home, service),
    releases: releasesFolder(home, service),
    installAgent: () => ensureAgent(fileURLToPath(new URL('./agent', import.meta.url)), home),
    clock,
    crash,
    adopted: adoptedUnit(state),
  }
  const fallbackPort = settings.port ?? Number(new URL(url).port)
  const expected = { agent, mode, instances, portVariable, fallbackPort }
  const rehearsal = {
    ...context,
    app: `${app}+rehearsal`,
    trial: true,
    runFolder: runFolderPath(home, `${service}+rehearsal`),
    adopted: null,
  }
  return {
    runtime: createPm2Runtime(context, expected),
    rehearsalRuntime: createPm2Runtime(rehearsal, expected),
    agents: context.runFolder,
    packager: createPm2Packager(runner, env),
    setup: async () => shellSetup(pm2Home, await program.locate()),
    follow(current) {
      context.adopted = adoptedUnit(current)
    },
  }
}

/** Where pm2 and node are found: whoever types by hand may have another PATH. */
function shellSetup(pm2Home: string, pm2: string | null): string[] {
  const folders = new Set([...(pm2 === null ? [] : [dirname(pm2)]), dirname(process.execPath)])
  return [
    `export PM2_HOME=${shellWord(pm2Home)}`,
    `export PATH=${[...folders].map(shellWord).join(':')}:"$PATH"`,
  ]
}
