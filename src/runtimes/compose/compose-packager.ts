import { realpath, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve } from 'node:path'
import { buildImage, type DockerParts, fetchImage, type ImageBuild } from '../../docker/build-image.ts'
import { healthcheckLine } from '../../docker/healthcheck.ts'
import { type ImageTag, inspectImage, releaseTag, requireDigest } from '../../docker/images.ts'
import { secretsIn } from '../../domain/secrets.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { Packager, PackRequest } from '../../ports/packager.ts'
import type { ComposeLaunch, ImageReference, LaunchRecord } from '../../ports/release-store.ts'
import { BY_HAND_FILE, byHandFile } from './by-hand.ts'
import { labelsOf } from './commands.ts'
import type { ComposeProgram } from './compose-program.ts'
import { composeLaunch, describeService } from './describe-service.ts'
import type { ResolvedService } from './parse.ts'
import { labelThatIsMissing } from './routers/traefik-labels.ts'

export interface ComposePackagerParts extends DockerParts {
  program: ComposeProgram
  project: string
  home: string
  /** For the variables in the Compose files. */
  caller: Readonly<Record<string, string>>
}

/** The repository's own Dockerfile makes the image, its own Compose file says how it runs. */
export function createComposePackager(parts: ComposePackagerParts): Packager {
  return { requirePrebuilt: requireDigest, pack: (request) => pack(parts, request) }
}

/** @throws OperatorError COMPOSE_INVALID, HEALTHCHECK_MISSING, BUILD_FAILED, PUSH_FAILED, PULL_FAILED, IMAGE_WRONG_PLATFORM */
async function pack(parts: ComposePackagerParts, request: PackRequest): Promise<LaunchRecord> {
  const { configuration, release, directory, signal } = request
  const { runtime: settings, service } = configuration
  if (settings.kind !== 'compose')
    throw new OperatorError('OTHER_RUNTIME', { made: 'compose', configured: settings.kind })
  const projectFolder = configuration.source.repository
  const env = { ...parts.caller, ...configuration.env }
  const place = { settings, project: parts.project, folder: directory, projectFolder, env }
  const described = await describeService(parts.program, place)
  // All that can be wrong with the file is known before minutes are spent on an image.
  const planned = composeLaunch(place, described, { id: '', pull: null, platform: '' })
  if (settings.router?.labels) refuseLabels(planned)

  const tag = releaseTag(service, release)
  const image =
    request.prebuilt !== null
      ? await fetchImage(parts, request.prebuilt, tag, signal)
      : await build(parts, request, described, tag)
  const launch = await launchRecord(parts, request, described, composeLaunch(place, described, image))
  if (settings.router?.labels && !described.hasHealthcheck && !(await hasHealthcheck(parts, image)))
    throw new OperatorError('HEALTHCHECK_MISSING', {
      service: settings.service,
      line: healthcheckLine(launch.runtime.port, configuration),
    })
  await writeFile(
    join(directory, BY_HAND_FILE),
    byHandFile(release, launch, parts.home, settings.router === null),
  )
  return launch
}

function refuseLabels(launch: ComposeLaunch): void {
  const missing = labelThatIsMissing(labelsOf(launch), launch.port)
  if (missing === null) return
  const why = 'Traefik drops a router that two releases define differently'
  throw new OperatorError('COMPOSE_INVALID', {
    path: 'the Compose file',
    detail: `${why}: add the label ${missing} to ${launch.service}`,
  })
}

async function build(
  parts: ComposePackagerParts,
  { configuration, directory, logFile, secrets, signal }: PackRequest,
  described: ResolvedService,
  tag: ImageTag,
): Promise<ImageReference> {
  const { runtime: settings, source } = configuration
  const registry = settings.kind === 'compose' ? settings.registry : null
  const own = described.build ?? { context: source.repository, dockerfile: null, target: null, args: {} }
  const context = await inCheckout(directory, source.repository, own.context)
  return buildImage(parts, { build: inContext(own, context), tag, registry, logFile, secrets, signal })
}

/** Compose resolves the folder from the user's own; what is built is the same folder of the checkout. */
async function inCheckout(directory: string, repository: string, context: string): Promise<string> {
  const roots = [repository, await realpath(repository), directory]
  for (const root of roots) {
    const way = relative(root, resolve(root, context))
    if (!way.startsWith('..') && !isAbsolute(way)) return join(directory, way)
  }
  throw new OperatorError('COMPOSE_INVALID', {
    path: 'the Compose file',
    detail: `it is built from ${context}, which is not in the repository`,
  })
}

function inContext(build: ImageBuild, context: string): ImageBuild {
  const { dockerfile } = build
  return { ...build, context, dockerfile: dockerfile === null ? null : resolve(context, dockerfile) }
}

async function launchRecord(
  { engine }: ComposePackagerParts,
  { configuration, secrets, directory, release }: PackRequest,
  described: ResolvedService,
  runtime: ComposeLaunch,
): Promise<LaunchRecord<ComposeLaunch>> {
  const env: Record<string, string> = {
    ...described.environment,
    ...configuration.env,
    LASTGOOD_RELEASE: release,
  }
  const ofImage = (await inspectImage(engine, runtime.image.id))?.env ?? []
  const options = ofImage.find((pair) => pair.startsWith('NODE_OPTIONS='))
  // The agent is added to it, and what is set here replaces what the image says.
  if (options !== undefined) env.NODE_OPTIONS ??= options.slice('NODE_OPTIONS='.length)
  return {
    service: configuration.service,
    directory,
    env,
    secrets: [...new Set([...secrets, ...secretsIn(env)])],
    runtime,
    configuration,
  }
}

async function hasHealthcheck({ engine }: ComposePackagerParts, { id }: ImageReference): Promise<boolean> {
  return (await inspectImage(engine, id))?.hasHealthcheck === true
}
