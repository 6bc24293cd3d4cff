import { join } from 'node:path'
import { isReleaseId, isServiceName } from '../domain/names.ts'
import type { ReleaseId } from '../domain/release.ts'
import { OperatorError } from '../errors/operator-error.ts'

/** Where everything of one release is kept. */
export interface ReleasePaths {
  folder: string
  artifact: string
  record: string
  launch: string
  configuration: string
  manifest: string
  schema: string
  log: string
  /** The log of a build that failed, outside the folder that is removed. */
  keptLog: string
}

/** The only place where a name becomes a path, so the names are checked here. */
export function releasePaths(home: string, service: string, release: ReleaseId): ReleasePaths {
  if (!isReleaseId(release)) {
    throw new OperatorError('UNKNOWN_RELEASE', { name: release, service, known: 'r1, r2, ...' })
  }
  const folder = join(releasesFolder(home, service), release)
  return {
    folder,
    artifact: join(folder, 'app'),
    record: join(folder, 'release.json'),
    launch: join(folder, 'launch.json'),
    configuration: join(folder, 'lastgood.yaml'),
    manifest: join(folder, 'manifest.txt'),
    schema: join(folder, 'schema.json'),
    log: join(folder, 'build.log'),
    keptLog: join(serviceFolder(home, service), 'logs', `${release}-build.log`),
  }
}

export function releasesFolder(home: string, service: string): string {
  return join(serviceFolder(home, service), 'releases')
}

function serviceFolder(home: string, service: string): string {
  if (!isServiceName(service)) {
    throw new OperatorError('USAGE', {
      detail: `${JSON.stringify(service)} cannot be the name of a service: letters, digits, dot, dash and underscore only.`,
      command: '',
    })
  }
  return join(home, 'services', service)
}
