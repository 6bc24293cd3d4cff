import { rm } from 'node:fs/promises'
import type { ReleaseDraft } from '../ports/release-writer.ts'
import { buildFailure } from './build-failure.ts'
import { readTree, writeFiles } from './git-commands.ts'
import { inspectRepository } from './resolve-ref.ts'
import { type GitOptions, type RunGit, succeeded } from './run-git.ts'

/** Exactly the committed files, with their modes and links, and no .git. @throws OperatorError BUILD_FAILED, DISK_FULL */
export async function checkoutCommit(
  git: RunGit,
  repository: string,
  commit: string,
  draft: ReleaseDraft,
  { env, signal }: Required<Pick<GitOptions, 'env' | 'signal'>>,
): Promise<void> {
  const { gitDirectory } = await inspectRepository(git, repository)
  const index = `${draft.directory}.index`
  try {
    for (const args of [readTree(gitDirectory, commit), writeFiles(gitDirectory, draft.directory)]) {
      const { directory: cwd, logFile } = draft
      const result = await git(args, { cwd, env: { ...env, GIT_INDEX_FILE: index }, logFile, signal })
      if (!succeeded(result)) throw await buildFailure('git checkout', result, draft)
    }
  } finally {
    await rm(index, { force: true })
  }
}
