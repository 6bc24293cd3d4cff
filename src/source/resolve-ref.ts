import { OperatorError } from '../errors/operator-error.ts'
import type { CommandResult } from '../ports/command-runner.ts'
import type { ResolvedCommit } from '../ports/source.ts'
import {
  describeRepository,
  isPlainRef,
  listTopLevel,
  listTrackedChanges,
  type RepositoryFacts,
  readRepositoryFacts,
  readSubject,
  resolveCommit,
} from './git-commands.ts'
import { type RunGit, succeeded } from './run-git.ts'

const lockfiles = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml']

/** @throws OperatorError NOT_A_REPOSITORY, UNKNOWN_REF, DIRTY_REPOSITORY, SHALLOW_REPOSITORY, SUBMODULES, NO_LOCKFILE */
export async function resolveRef(git: RunGit, repository: string, ref: string): Promise<ResolvedCommit> {
  const facts = await inspectRepository(git, repository)
  const commit = await findCommit(git, repository, ref)
  if (facts.shallow) throw new OperatorError('SHALLOW_REPOSITORY', { path: repository })
  if (!facts.bare) await refuseTrackedChanges(git, repository)
  await refuseUnbuildable(git, repository, commit)
  const subject = await git(readSubject(repository, commit))
  return { commit, ref, subject: subject.stdout.trim() }
}

/** @throws OperatorError NOT_A_REPOSITORY */
export async function inspectRepository(git: RunGit, repository: string): Promise<RepositoryFacts> {
  const result = await git(describeRepository(repository))
  if (!succeeded(result)) throw notARepository(repository, lines(result.stderr))
  const facts = readRepositoryFacts(result.stdout)
  // A folder below someone else's repository: what is committed there is not this project.
  if (facts.prefix !== '') {
    throw notARepository(repository, [`It is the folder ${facts.prefix} of a larger repository.`])
  }
  return facts
}

/** @throws OperatorError SUBMODULES, NO_LOCKFILE */
export async function refuseUnbuildable(git: RunGit, repository: string, commit: string): Promise<void> {
  const names = new Set((await git(listTopLevel(repository, commit))).stdout.split('\0'))
  const short = commit.slice(0, 7)
  if (names.has('.gitmodules')) throw new OperatorError('SUBMODULES', { commit: short })
  if (!lockfiles.some((name) => names.has(name))) throw new OperatorError('NO_LOCKFILE', { commit: short })
}

/** @throws OperatorError UNKNOWN_REF */
export async function findCommit(git: RunGit, repository: string, ref: string): Promise<string> {
  const unknown = new OperatorError('UNKNOWN_REF', { ref, path: repository })
  if (!isPlainRef(ref)) throw unknown
  const result: CommandResult = await git(resolveCommit(repository, ref))
  const commit = result.stdout.trim()
  if (!succeeded(result) || !/^[0-9a-f]{40,64}$/.test(commit)) throw unknown
  return commit
}

async function refuseTrackedChanges(git: RunGit, repository: string): Promise<void> {
  const changes = lines((await git(listTrackedChanges(repository))).stdout)
  if (changes.length === 0) return
  const more = changes.length > 20 ? [`and ${changes.length - 20} more`] : []
  throw new OperatorError(
    'DIRTY_REPOSITORY',
    { path: repository },
    { details: [...changes.slice(0, 20), ...more] },
  )
}

function notARepository(path: string, details: string[]): OperatorError {
  return new OperatorError('NOT_A_REPOSITORY', { path }, { details })
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
