import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { ComposeConfiguration } from '../../domain/configuration.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { ComposeLaunch, ImageReference } from '../../ports/release-store.ts'
import { configArgs } from './commands.ts'
import type { ComposeProgram } from './compose-program.ts'
import { parseResolved, type ResolvedService } from './parse.ts'

const CONFIG_TIMEOUT_MS = 30_000
/** Compose 2 says first that `version` means nothing to it any more. */
const WARNING = /^time="[^"]*" level=warning /
/** In Compose's own order; each with the file that is laid over it. */
const FILES = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml']

export interface ServicePlace {
  settings: ComposeConfiguration
  project: string
  /** Where the Compose files are read from: a checkout. */
  folder: string
  /** Where the paths in them lead from: the user's own folder, with its .env. */
  projectFolder: string
  env: Readonly<Record<string, string>>
}

/** One service, as Compose itself resolves it. @throws OperatorError COMPOSE_INVALID, RUNTIME_MISSING */
export async function describeService(
  program: ComposeProgram,
  place: ServicePlace,
): Promise<ResolvedService> {
  const { settings, project, folder, projectFolder, env } = place
  const files = settings.files?.map((file) => join(folder, file)) ?? (await findFiles(folder))
  if (files.length === 0) throw invalid(FILES[0] ?? '', `there is no Compose file in ${folder}`)
  const named = files.map((file) => file.slice(folder.length + 1)).join(', ')
  const args = configArgs(project, projectFolder, files)
  const printed = await program.run(args, {
    cwd: projectFolder,
    timeoutMs: CONFIG_TIMEOUT_MS,
    env: { ...env },
  })
  if (printed.exitCode !== 0) {
    const lines = printed.stderr
      .trim()
      .split('\n')
      .filter((line) => !WARNING.test(line))
    throw invalid(named, lines[0] ?? 'Compose refuses it', lines)
  }
  const read = parseResolved(printed.stdout, project, settings.service)
  if (read.ok) return read.service
  const known = read.known.length > 0 ? `; it has: ${read.known.join(', ')}` : ''
  throw invalid(named, `${read.problem}${known}`)
}

/** @throws OperatorError COMPOSE_INVALID */
export function composeLaunch(
  { settings, project }: Pick<ServicePlace, 'settings' | 'project'>,
  service: ResolvedService,
  image: ImageReference,
): ComposeLaunch {
  const port = settings.port ?? service.port ?? (Number(service.environment.PORT) || null)
  if (port === null)
    throw invalid(
      'the Compose file',
      `it does not say where ${settings.service} listens: set runtime.port, or expose`,
    )
  const { definition, networks, volumes, files } = service
  const instances = settings.instances ?? service.instances
  const { agent, service: name } = settings
  return {
    kind: 'compose',
    project,
    service: name,
    image,
    definition,
    networks,
    volumes,
    files,
    instances,
    port,
    agent,
  }
}

function invalid(path: string, detail: string, details: string[] = []): OperatorError {
  return new OperatorError('COMPOSE_INVALID', { path, detail }, { details })
}

async function findFiles(folder: string): Promise<string[]> {
  for (const name of FILES) {
    const file = join(folder, name)
    if (!(await exists(file))) continue
    const over = file.replace(/(\.ya?ml)$/, '.override$1')
    return (await exists(over)) ? [file, over] : [file]
  }
  return []
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
