import { realpath } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { Configuration } from '../domain/configuration.ts'
import type { Release, ReleaseId } from '../domain/release.ts'
import { secretsIn } from '../domain/secrets.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { LaunchRecord, RuntimeSettings } from '../ports/release-store.ts'
import type { BuiltRelease } from '../ports/source.ts'
import { placeError } from './build-failure.ts'
import { copyFolder } from './copy-folder.ts'
import { listTrackedChanges, readSubject } from './git-commands.ts'
import type { SourceParts } from './git-source.ts'
import { pathInArtifact } from './place-path.ts'
import { findPlaces, isFile } from './pm2-packager.ts'
import { listMigrations, readVersion } from './project-facts.ts'
import { findCommit, inspectRepository } from './resolve-ref.ts'
import { createRunGit, type RunGit, succeeded } from './run-git.ts'

export interface AdoptRequest {
  configuration: Configuration
  configurationText: string
  secrets: string[]
  release: ReleaseId
  /** What the service runs in: its working folder. Null: it runs from an image, which is all there is to keep. */
  folder: string | null
  /** What the service runs with, whole. */
  env: Record<string, string>
  /** How the runtime runs it. `script`: absolute, or relative to the folder. */
  runtime: RuntimeSettings
  signal: AbortSignal
}

export interface AdoptedRelease extends BuiltRelease {
  /** Tracked files that differ from the commit, as git lists them; null when it is no git checkout. */
  changes: string[] | null
}

/**
 * A copy of what serves becomes a release. The running one is not touched.
 * @throws OperatorError ENTRY_MISSING, UNSAFE_LINK, DISK_FULL, HOME_READ_ONLY, INTERRUPTED
 */
export async function adoptFolder(
  parts: Omit<SourceParts, 'packager'>,
  request: AdoptRequest,
): Promise<AdoptedRelease> {
  const started = performance.now()
  const folder = await findFolder(request)
  const git = createRunGit(parts.runner, parts.caller)
  const checkout = folder === null ? null : await describeCheckout(git, folder)
  const draft = await parts.writer.begin(request.configuration.service, request.release)
  try {
    const home = await realpath(parts.writer.home)
    if (folder !== null) await copyFolder(folder, draft.directory, home, request.signal)
    const launch = await relocateLaunch(request, draft.directory)
    const release = await describeAdopted(request, folder, draft.directory, checkout)
    const contents = { release, launch, configurationText: request.configurationText }
    const sealed = await draft.seal(contents)
    const buildMs = Math.round(performance.now() - started)
    return { release, buildMs, ...sealed, changes: checkout?.changes ?? null }
  } catch (error) {
    const { log } = await draft.discard()
    if (request.signal.aborted) throw new OperatorError('INTERRUPTED', { step: 'adopt' }, { cause: error })
    throw placeError(error, draft.directory, log)
  }
}

/** A process can outlive the folder it was started in. */
async function findFolder({ folder, runtime }: AdoptRequest): Promise<string | null> {
  try {
    return folder === null ? null : await realpath(folder)
  } catch (cause) {
    const script = runtime.kind === 'pm2' ? runtime.script : 'The folder'
    throw new OperatorError('ENTRY_MISSING', { script, commit: folder ?? '' }, { cause })
  }
}

interface Checkout {
  commit: string
  subject: string
  changes: string[]
}

/** A folder inside a larger repository counts as no checkout: the commit would not say what is in it. */
async function describeCheckout(git: RunGit, folder: string): Promise<Checkout | null> {
  try {
    const facts = await inspectRepository(git, folder)
    if (facts.bare) return null
    const commit = await findCommit(git, folder, 'HEAD')
    const subject = (await git(readSubject(folder, commit))).stdout.trim()
    const status = await git(listTrackedChanges(folder))
    if (!succeeded(status)) return null
    return { commit, subject, changes: status.stdout.split('\n').filter((line) => line !== '') }
  } catch {
    // No git, no repository, no commit yet: adopting needs none of them.
    return null
  }
}

async function relocateLaunch(request: AdoptRequest, directory: string): Promise<LaunchRecord> {
  const { configuration, release } = request
  const env = { ...request.env, LASTGOOD_RELEASE: release }
  const secrets = [...new Set([...request.secrets, ...secretsIn(request.env)])]
  return {
    service: configuration.service,
    directory,
    env,
    secrets,
    runtime: await relocateEntry(request, directory),
    configuration,
  }
}

async function relocateEntry({ folder, runtime }: AdoptRequest, directory: string): Promise<RuntimeSettings> {
  if (runtime.kind !== 'pm2' || folder === null) return runtime
  const script = pathInArtifact(await findPlaces(directory, folder), '.', runtime.script)
  if (script !== null && (await isFile(join(directory, script)))) return { ...runtime, script }
  throw new OperatorError('ENTRY_MISSING', { script: runtime.script, commit: folder })
}

async function describeAdopted(
  { configuration, release }: AdoptRequest,
  folder: string | null,
  directory: string,
  checkout: Checkout | null,
): Promise<Release> {
  return {
    id: release,
    service: configuration.service,
    commit: checkout?.commit ?? null,
    ref: checkout?.commit.slice(0, 7) ?? 'adopted',
    subject: checkout?.subject ?? `adopted from ${folder === null ? 'its image' : basename(folder)}`,
    version: await readVersion(directory),
    builtAt: new Date().toISOString(),
    adopted: true,
    migrations: await listMigrations(directory, configuration.migrations),
    bootMs: null,
    firstLiveAt: null,
    proven: null,
    bad: null,
    retiredAt: null,
  }
}
