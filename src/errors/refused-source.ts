import type { ErrorEntry } from './error-entry.ts'

/** 10-19: refused, nothing changed; what cannot be built. */
export const refusedSource = {
  NOT_A_REPOSITORY: {
    exit: 14,
    title: 'Not a git repository',
    message: '{path} is not a git repository, so no release can be built from it.',
    hint: 'Set source.repository in the configuration, then: lastgood deploy --plan',
  },
  UNKNOWN_REF: {
    exit: 14,
    title: 'No such commit',
    message: '{ref} names no commit in {path}.',
    hint: 'git log --oneline -10',
  },
  DIRTY_REPOSITORY: {
    exit: 14,
    title: 'Uncommitted changes',
    message: '{path} has changes that are in no commit, so what would be built is not what you see.',
    hint: 'git commit, or git stash, then: lastgood deploy',
  },
  SHALLOW_REPOSITORY: {
    exit: 14,
    title: 'The repository is shallow',
    message: '{path} is a shallow clone: its history is cut off, and a commit may be missing files.',
    hint: 'git fetch --unshallow   then: lastgood deploy',
  },
  NO_LOCKFILE: {
    exit: 14,
    title: 'No lockfile',
    message:
      '{commit} has no package-lock.json, npm-shrinkwrap.json, yarn.lock or pnpm-lock.yaml, so its build cannot be repeated.',
    hint: 'npm install --package-lock-only, commit the file, then again',
  },
  SUBMODULES: {
    exit: 14,
    title: 'The commit has submodules',
    message:
      '{commit} has a .gitmodules file; lastgood checks out one repository and would leave the rest out.',
    hint: 'Bring the submodule in as a package or with git subtree, then again',
  },
  UNSAFE_LINK: {
    exit: 14,
    title: 'A symbolic link leads out of the release',
    message: '{link} leads out of the release, and what it leads to can change after the release is sealed.',
    hint: 'Put the file into the project, or pass its path in a variable (env in the configuration), then: lastgood deploy',
  },
  ECOSYSTEM_INVALID: {
    exit: 14,
    title: 'The ecosystem file cannot be used',
    message: '{path} of {commit} cannot be used: {detail}.',
    hint: 'Check with: node -p "require(\'./{path}\')"   or set runtime.script in the configuration instead of runtime.ecosystem',
  },
  UNKNOWN_APP: {
    exit: 14,
    title: 'No such app in the ecosystem file',
    message: '{path} of {commit} has no app named {app}. It has: {known}.',
    hint: 'Set runtime.app in the configuration to one of them, then: lastgood deploy',
  },
  ENTRY_MISSING: {
    exit: 14,
    title: 'The entry script is not there',
    message: '{script} is not in the built release of {commit}, so there is nothing to start.',
    hint: 'Set runtime.script to the file that node runs (not npm), or add the command that makes it to build',
  },
  GIT_MISSING: {
    exit: 14,
    title: 'Git is not there',
    message: 'The git program cannot be run, and a release is built from a commit.',
    hint: 'Install git; a rollback does not need it',
  },
} as const satisfies Record<string, ErrorEntry>
