/** Argument lists of git, and how its answers are read. Pure. */

/** Four lines: bare?, shallow?, the git directory, and the way down from the top level (empty there). */
export function describeRepository(repository: string): string[] {
  return [
    '-C',
    repository,
    'rev-parse',
    '--is-bare-repository',
    '--is-shallow-repository',
    '--absolute-git-dir',
    '--show-prefix',
  ]
}

export interface RepositoryFacts {
  bare: boolean
  shallow: boolean
  gitDirectory: string
  prefix: string
}

export function readRepositoryFacts(stdout: string): RepositoryFacts {
  const [bare, shallow, gitDirectory = '', prefix = ''] = stdout.split('\n')
  return { bare: bare === 'true', shallow: shallow === 'true', gitDirectory, prefix }
}

export function resolveCommit(repository: string, ref: string): string[] {
  return ['-C', repository, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`]
}

/** False for what git would take for an option, a range or two names; no such name can be a commit's. */
export function isPlainRef(ref: string): boolean {
  return ref !== '' && !ref.startsWith('-') && !/[\s:\p{Cc}]|\.\./u.test(ref)
}

export function readSubject(repository: string, commit: string): string[] {
  return ['-C', repository, 'log', '-1', '--no-show-signature', '--format=%s', commit]
}

export function listTrackedChanges(repository: string): string[] {
  return ['-C', repository, 'status', '--porcelain', '--untracked-files=no']
}

/** Names at the top level of a commit, each ended by NUL. */
export function listTopLevel(repository: string, commit: string): string[] {
  return ['-C', repository, 'ls-tree', '-z', '--name-only', commit]
}

/** Into an index of its own, so that the repository's is not touched. */
export function readTree(gitDirectory: string, commit: string): string[] {
  return [`--git-dir=${gitDirectory}`, 'read-tree', '--no-sparse-checkout', commit]
}

/**
 * Writes exactly the committed files. Not `git archive`, which leaves out what .gitattributes says; not a clone, whose
 * hooks would run.
 */
export function writeFiles(gitDirectory: string, folder: string): string[] {
  return [`--git-dir=${gitDirectory}`, `--work-tree=${folder}`, 'checkout-index', '--all', '--force']
}
