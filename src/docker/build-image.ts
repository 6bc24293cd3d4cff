import { readFile, rm } from 'node:fs/promises'
import { stripVTControlCharacters } from 'node:util'
import { secretsIn } from '../domain/secrets.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { CommandResult, CommandRunner } from '../ports/command-runner.ts'
import type { ImageReference } from '../ports/release-store.ts'
import type { Engine } from './engine.ts'
import { enginePlatform, type Image, type ImageTag, inspectImage, pushedTag, tagImage } from './images.ts'

/** BuildKit's own words at the end of a build that fails, up to the last ones of the command that failed. */
const LOG_LINES = 30
/** Longer than any build that somebody waits for; it ends one that hangs. */
const BUILD_TIMEOUT_MS = 30 * 60_000
const TRANSFER_TIMEOUT_MS = 10 * 60_000

export interface DockerParts {
  engine: Engine
  runner: CommandRunner
  /** Whole, for every run of `docker`: its credentials are found by HOME or DOCKER_CONFIG, and never read by us. */
  env: Readonly<Record<string, string>>
}

export interface ImageBuild {
  context: string
  dockerfile: string | null
  target: string | null
  args: Record<string, string>
}

export interface ImageRequest {
  build: ImageBuild
  tag: ImageTag
  /** `registry.example.org/team/store`; null: it stays on this host. */
  registry: string | null
  logFile: string
  /** What the log must not show, besides what the build is handed: BuildKit writes out each command with its values. */
  secrets: readonly string[]
  signal: AbortSignal
}

/** Values come from the environment of the program: anybody can read a command line. */
export function buildArgs(
  { context, dockerfile, target, args }: ImageBuild,
  tag: string,
  idFile: string,
): string[] {
  return [
    'build',
    ...['--iidfile', idFile, '--tag', tag],
    ...(dockerfile === null ? [] : ['--file', dockerfile]),
    ...(target === null ? [] : ['--target', target]),
    ...Object.keys(args).flatMap((name) => ['--build-arg', name]),
    context,
  ]
}

/** @throws OperatorError BUILD_FAILED, DISK_FULL, INTERRUPTED, PUSH_FAILED */
export async function buildImage(parts: DockerParts, request: ImageRequest): Promise<ImageReference> {
  const { build, tag, registry, logFile, signal } = request
  const name = `${tag.repo}:${tag.tag}`
  const idFile = `${logFile}.iid`
  try {
    const args = buildArgs(build, name, idFile)
    const env = { ...parts.env, ...build.args }
    const built = await parts.runner.run({
      program: 'docker',
      args,
      env,
      timeoutMs: BUILD_TIMEOUT_MS,
      logFile,
      secrets: [...request.secrets, ...secretsIn(build.args)],
      signal,
    })
    if (built.exitCode !== 0 || built.outcome !== 'exited') throw await buildFailure(built, request)
    const id = (await readFile(idFile, 'utf8')).trim()
    const image = await required(parts.engine, id)
    const pull = registry === null ? null : await push(parts, request, registry, image)
    return { id: image.id, pull, platform: image.platform }
  } finally {
    await rm(idFile, { force: true })
  }
}

/**
 * An image that was made elsewhere, by its digest.
 * @throws OperatorError PULL_FAILED, IMAGE_WRONG_PLATFORM
 */
export async function fetchImage(
  parts: DockerParts,
  name: string,
  tag: ImageTag,
  signal: AbortSignal,
): Promise<ImageReference> {
  if ((await inspectImage(parts.engine, name)) === null) await pullImage(parts, name, signal)
  const image = await required(parts.engine, name)
  const host = await enginePlatform(parts.engine)
  if (image.platform !== host)
    throw new OperatorError('IMAGE_WRONG_PLATFORM', { image: name, is: image.platform, host })
  await tagImage(parts.engine, image.id, tag)
  return { id: image.id, pull: name, platform: image.platform }
}

/** @throws OperatorError PULL_FAILED */
export async function pullImage(parts: DockerParts, name: string, signal?: AbortSignal): Promise<void> {
  const pulled = await docker(parts, ['pull', '--quiet', name], signal)
  if (pulled.exitCode !== 0)
    throw new OperatorError('PULL_FAILED', { image: name, detail: lastWords(pulled) })
}

/** The digest that the registry gave it is what others pull it by; the tag is only how it got there. */
async function push(
  parts: DockerParts,
  { tag, signal }: ImageRequest,
  registry: string,
  image: Image,
): Promise<string> {
  const there = pushedTag(tag, registry)
  await tagImage(parts.engine, image.id, there)
  const pushed = await docker(parts, ['push', '--quiet', `${there.repo}:${there.tag}`], signal)
  if (pushed.exitCode !== 0) throw new OperatorError('PUSH_FAILED', { registry, detail: lastWords(pushed) })
  const { digests } = await required(parts.engine, image.id)
  const digest = digests.find((each) => each.startsWith(`${registry}@`))
  if (digest === undefined)
    throw new OperatorError('PUSH_FAILED', { registry, detail: 'it gave the image no digest' })
  return digest
}

function docker({ runner, env }: DockerParts, args: string[], signal?: AbortSignal): Promise<CommandResult> {
  const timeoutMs = TRANSFER_TIMEOUT_MS
  return runner.run({ program: 'docker', args, env, timeoutMs, ...(signal === undefined ? {} : { signal }) })
}

async function required(engine: Engine, name: string): Promise<Image> {
  const image = await inspectImage(engine, name)
  if (image === null) throw new OperatorError('IMAGE_GONE', { image: name })
  return image
}

const lastWords = ({ stderr, outcome }: CommandResult) =>
  outcome === 'exited' ? (stderr.trim().split('\n').at(-1) ?? '') : outcome

async function buildFailure(result: CommandResult, request: ImageRequest): Promise<OperatorError> {
  if (result.outcome === 'aborted') return new OperatorError('INTERRUPTED', { step: 'build-release' })
  const log = await readFile(request.logFile, 'utf8').catch(() => '')
  // The old builder has what comes from stderr in red.
  const lines = stripVTControlCharacters(log).trimEnd().split('\n').slice(-LOG_LINES)
  if (/no space left on device/i.test(lines.join('\n')))
    return new OperatorError('DISK_FULL', { what: 'the image', path: request.build.context })
  const outcome = result.outcome === 'exited' ? `exit code ${result.exitCode}` : result.outcome
  return new OperatorError(
    'BUILD_FAILED',
    { command: 'docker build', outcome, log: request.logFile },
    { details: lines },
  )
}
