import { join } from 'node:path'
import type { ReleaseId } from '../../domain/release.ts'
import { shellWord } from '../../domain/shell-word.ts'
import type { ComposeLaunch, JsonValue, LaunchRecord } from '../../ports/release-store.ts'
import { releaseAlias, releaseFile, unitName } from './commands.ts'
import type { Router } from './routers/router.ts'

/** Kept with the release, for the day lastgood itself is gone. */
export const BY_HAND_FILE = 'lastgood-compose.json'

/** The release's Compose file without the agent, and with the names of its variables only: the values are in launch.json, 0600. */
export function byHandFile(
  release: ReleaseId,
  launch: LaunchRecord<ComposeLaunch>,
  home: string,
  publish: boolean,
): string {
  // With our labels: the day lastgood is back it sees which release this is, and goes on from there.
  const place = { service: launch.service, home, shared: '', register: null }
  const file = releaseFile(release, launch, place, { probe: false, publish })
  const { service: name } = launch.runtime
  const services = file.services as Record<string, Record<string, JsonValue>>
  const own = { ...services[name], environment: Object.keys(launch.env).sort() }
  return `${JSON.stringify({ ...file, services: { [name]: own } }, null, 2)}\n`
}

/** A word for whichever Compose this host has, so that the lines below can be pasted as they are. */
export function composeFunction(words: readonly string[] | null): string {
  return `compose() { ${(words ?? ['docker', 'compose']).map(shellWord).join(' ')} "$@"; }`
}

/** What a person types. The environment is exported before, and `compose` is defined. */
export function describeByHand(
  project: string,
  release: ReleaseId,
  launch: LaunchRecord<ComposeLaunch>,
  router: Router | null,
) {
  const { runtime, directory } = launch
  const unit = unitName(project, release)
  const file = shellWord(join(directory, BY_HAND_FILE))
  const ids = `$(docker ps -aq --filter label=com.docker.compose.project=${unit})`
  const up = [
    'up -d --no-deps',
    `--scale ${shellWord(runtime.service)}=${runtime.instances}`,
    shellWord(runtime.service),
  ]
  return {
    start: [
      `docker rm -f ${ids} 2>/dev/null || true # a standby of it, or what crashed`,
      `compose -p ${unit} -f ${file} ${up.join(' ')}`,
      ...(router?.byHand(releaseAlias(runtime.service, release)) ?? []),
    ],
    stop: [`docker stop ${ids} && docker rm ${ids}`],
    status: [
      `docker ps --filter label=com.docker.compose.service=${runtime.service}`,
      `compose -p ${unit} -f ${file} logs --tail 50`,
    ],
  }
}
