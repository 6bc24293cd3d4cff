import { buildImage, type DockerParts, fetchImage } from '../../docker/build-image.ts'
import { releaseTag, requireDigest } from '../../docker/images.ts'
import { secretsIn } from '../../domain/secrets.ts'
import { OperatorError } from '../../errors/operator-error.ts'
import type { Packager, PackRequest } from '../../ports/packager.ts'
import type { LaunchRecord, SwarmLaunch } from '../../ports/release-store.ts'
import { environmentOf, recordedSpec, replicasOf } from './commands.ts'
import { requireService } from './swarm-api.ts'
import type { SwarmContext } from './swarm-context.ts'

/**
 * The repository's own Dockerfile makes the image; how it runs is what the service's spec says at this moment, as the user's
 * `docker stack deploy` has left it. From then on it belongs to the release.
 */
export function createSwarmPackager(context: SwarmContext, parts: DockerParts): Packager {
  return { requirePrebuilt: requireDigest, pack: (request) => pack(context, parts, request) }
}

/** @throws OperatorError SERVICE_MISSING, BUILD_FAILED, PUSH_FAILED, PULL_FAILED, IMAGE_WRONG_PLATFORM */
async function pack(
  context: SwarmContext,
  parts: DockerParts,
  request: PackRequest,
): Promise<LaunchRecord<SwarmLaunch>> {
  const { configuration, secrets, release, directory, prebuilt, logFile, signal } = request
  const { runtime: settings, service } = configuration
  if (settings.kind !== 'swarm')
    throw new OperatorError('OTHER_RUNTIME', { made: 'swarm', configured: settings.kind })
  const { spec } = await requireService(context)
  const tag = releaseTag(service, release)
  const build = { context: directory, dockerfile: null, target: null, args: {} }
  const { registry, port } = settings
  const made =
    prebuilt === null
      ? await buildImage(parts, { build, tag, registry, logFile, secrets, signal })
      : await fetchImage(parts, prebuilt, tag, signal)
  const { LASTGOOD_RELEASE: _, ...before } = environmentOf(spec)
  const env = { ...before, ...configuration.env, LASTGOOD_RELEASE: release }
  return {
    service,
    directory,
    env,
    secrets: [...new Set([...secrets, ...secretsIn(env)])],
    runtime: {
      kind: 'swarm',
      service: settings.service,
      image: made,
      spec: recordedSpec(spec),
      instances: settings.instances ?? replicasOf(spec) ?? 1,
      port,
      agent: false,
    },
    configuration,
  }
}
