import type { Release } from '../domain/release.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import type { Packager } from '../ports/packager.ts'
import type { ReleaseDraft, ReleaseWriter } from '../ports/release-writer.ts'
import type { BuildRequest, BuiltRelease, Source } from '../ports/source.ts'
import { buildEnvironment } from './build-environment.ts'
import { placeError } from './build-failure.ts'
import type { CallerEnvironment } from './caller-environment.ts'
import { checkoutCommit } from './checkout-commit.ts'
import { followLog } from './follow-log.ts'
import { buildMark, endOrphanedBuild } from './orphaned-build.ts'
import { listMigrations, readVersion } from './project-facts.ts'
import { inspectRepository, refuseUnbuildable, resolveRef } from './resolve-ref.ts'
import { runBuild } from './run-build.ts'
import { createRunGit, type RunGit } from './run-git.ts'

export interface SourceParts {
  runner: CommandRunner
  writer: ReleaseWriter
  caller: CallerEnvironment
  packager: Packager
}

export function createGitSource(parts: SourceParts): Source {
  const git = createRunGit(parts.runner, parts.caller)
  return {
    resolve: (configuration, ref) => resolveRef(git, configuration.source.repository, ref),
    requirePrebuilt: (name) => parts.packager.requirePrebuilt(name),
    build: (request) => build(git, parts, request),
  }
}

async function build(git: RunGit, parts: SourceParts, request: BuildRequest): Promise<BuiltRelease> {
  const started = performance.now()
  const { configuration, release, commit } = request
  const repository = configuration.source.repository
  await inspectRepository(git, repository)
  await refuseUnbuildable(git, repository, commit.commit)
  const mark = buildMark(parts.writer.home, configuration.service, release)
  await endOrphanedBuild(mark)
  const draft = await parts.writer.begin(configuration.service, release)
  const stopFollowing = followLog(draft.logFile, request.onLine)
  try {
    const sealed = await buildAndSeal(git, parts, request, draft, mark).finally(stopFollowing)
    return { ...sealed, buildMs: Math.round(performance.now() - started) }
  } catch (error) {
    const { log } = await draft.discard()
    throw placeError(error, draft.directory, log)
  }
}

async function buildAndSeal(
  git: RunGit,
  { runner, caller, packager }: SourceParts,
  { configuration, configurationText, secrets, release, commit, prebuilt, signal }: BuildRequest,
  draft: ReleaseDraft,
  mark: Record<string, string>,
): Promise<Omit<BuiltRelease, 'buildMs'>> {
  const { directory, logFile } = draft
  await checkoutCommit(git, configuration.source.repository, commit.commit, draft, { env: mark, signal })
  const env = { ...buildEnvironment(caller, directory), ...mark }
  await runBuild(runner, configuration.build, { directory, logFile, env }, signal)
  const short = commit.commit.slice(0, 7)
  const packed = { configuration, secrets, release, directory, commit: short, prebuilt, logFile, signal }
  const launch = await packager.pack(packed)
  const built: Release = {
    id: release,
    service: configuration.service,
    ...commit,
    version: await readVersion(directory),
    builtAt: new Date().toISOString(),
    adopted: false,
    migrations: await listMigrations(directory, configuration.migrations),
    bootMs: null,
    firstLiveAt: null,
    proven: null,
    bad: null,
    retiredAt: null,
  }
  return { release: built, ...(await draft.seal({ release: built, launch, configurationText })) }
}
