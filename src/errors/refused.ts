import type { ErrorEntry } from './error-entry.ts'

/** 10-19: refused, nothing changed. */
export const refused = {
  CONFIRMATION_REQUIRED: {
    exit: 10,
    title: 'Nobody said yes',
    message: 'lastgood {verb} asks before it changes anything, and there is no terminal to ask on.',
    hint: 'Look first with: lastgood {verb} --plan   then run it with: lastgood {verb} --yes',
  },
  DECLINED: {
    exit: 10,
    title: 'Declined',
    message: 'You said no; nothing was changed.',
    hint: 'lastgood {verb} --plan shows the plan again',
  },
  UNKNOWN_RELEASE: {
    exit: 11,
    title: 'No such release',
    message: 'There is no release {name} of {service}. Known: {known}.',
    hint: 'lastgood releases',
  },
  AMBIGUOUS_RELEASE: {
    exit: 11,
    title: 'More than one release has that name',
    message: '{name} means more than one release of {service}: {matches}.',
    hint: 'Name one of them by its id, as in: lastgood rollback r3',
  },
  NO_PROVEN_RELEASE: {
    exit: 11,
    title: 'No last known good release',
    message:
      'No release of {service} other than {live} is proven and not marked bad, so there is nothing to go back to.',
    hint: 'If you know one to be good: lastgood releases mark proven RELEASE --reason "..."',
  },
  TARGET_IS_LIVE: {
    exit: 11,
    title: 'The target is what serves',
    message: '{target} is the last known good release, and it is what serves.',
    hint: 'If {target} itself is bad: lastgood releases mark bad {target} --reason "..."   then: lastgood rollback',
  },
  TARGET_BAD: {
    exit: 11,
    title: 'The target is marked bad',
    message: '{target} was marked bad ({reason}), so it is no way back.',
    hint: 'lastgood releases shows the others; lastgood releases mark proven {target} --reason "..." takes the mark back',
  },
  TARGET_NOT_PROVEN: {
    exit: 11,
    title: 'The target is not proven',
    message: '{target} has never served without a finding for its whole bake time.',
    hint: 'lastgood rollback goes to the newest proven one; or: lastgood releases mark proven {target} --reason "..."',
  },
  RELEASE_FILES_GONE: {
    exit: 11,
    title: 'The files of the release are gone',
    message: '{release} cannot be started: {detail}.',
    hint: 'lastgood releases shows the others; lastgood deploy {ref} builds it again',
  },
  TARGET_SICK: {
    exit: 12,
    title: 'The target is sick itself',
    message: '{target} was tried in private and is not well: {detail}. No traffic was moved.',
    hint: 'Another release: lastgood releases   What it said: cat {log}',
  },
  NOTHING_LIVE: {
    exit: 11,
    title: 'Nothing serves',
    message: 'lastgood knows of no release of {service} that serves.',
    hint: 'lastgood adopt takes over what runs now; lastgood deploy puts out a release',
  },
  COMMIT_BAD: {
    exit: 13,
    title: 'The commit is marked bad',
    message: '{commit} was marked bad ({reason}), so it is not put out again.',
    hint: 'Fix it in a new commit; or, if the mark is wrong: lastgood deploy {ref} --force --reason "..."',
  },
  REASON_REQUIRED: {
    exit: 2,
    title: 'A reason is needed',
    message: '{what} needs a reason: whoever reads the journal later will ask.',
    hint: 'The same again, with why: lastgood {command} --reason "..."',
  },
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
  RUNTIME_MISSING: {
    exit: 15,
    title: 'PM2 is not there',
    message: 'The pm2 program cannot be run: {detail}.',
    hint: 'npm install -g pm2   or set runtime.program in the configuration; then: lastgood doctor',
  },
  RUNTIME_DOWN: {
    exit: 15,
    title: 'PM2 does not answer',
    message: 'The PM2 daemon does not answer: {detail}.',
    hint: 'With the same PM2_HOME: pm2 resurrect brings back what was saved, pm2 ping starts it empty. Then: lastgood doctor',
  },
  CANNOT_LISTEN: {
    exit: 16,
    title: 'The address for alerts cannot be used',
    message: 'Nobody can listen for Alertmanager on {address}: {detail}.',
    hint: 'ss -ltnp "sport = :{port}"   shows who has it; or set another address under watch.listen',
  },
  CLAIMED: {
    exit: 16,
    title: 'Another service has it',
    message: '{claim} belongs to the service {other} in this home; two services must not share it.',
    hint: 'Set runtime.app in the configuration of {service} to a name of its own, then: lastgood doctor',
  },
  STALE_PLAN: {
    exit: 17,
    title: 'The plan is out of date',
    message:
      'The plan was made at journal position {planned}; the journal is at {now}. Something changed in between.',
    hint: 'Make it again: lastgood {verb} --plan',
  },
  PLAN_INVALID: {
    exit: 17,
    title: 'The plan cannot be read',
    message: '{path} cannot be used as a plan: {detail}.',
    hint: 'Make one with: lastgood {verb} --plan --json > plan.json',
  },
  RUN_UNFINISHED: {
    exit: 18,
    title: 'A run was cut short',
    message: 'A {verb} to {to}, begun {since}, was cut short in step {step}.',
    hint: 'lastgood resume   or: lastgood resume --put-back',
  },
  PAST_NO_RETURN: {
    exit: 18,
    title: 'Too late to put back',
    message: 'The {verb} to {to} has passed its point of no return (step {step}); nothing was changed.',
    hint: 'Go on with: lastgood resume   or to another release with: lastgood rollback RELEASE',
  },
  HOME_READ_ONLY: {
    exit: 19,
    title: 'The home cannot be written',
    message: '{path} cannot be written ({detail}), and nothing is done that cannot be remembered.',
    hint: 'Look at its rights and its disk: ls -ld {path}   df -h {path}   then: lastgood doctor',
  },
  HOME_UNREADABLE: {
    exit: 19,
    title: 'The home cannot be read',
    message: '{path} cannot be read ({detail}), so nothing is known of any service.',
    hint: 'Run it as the user who owns the folder: ls -ld {path}   or name another with: --home DIR',
  },
  JOURNAL_DAMAGED: {
    exit: 19,
    title: 'The journal is damaged',
    message: 'The journal {path} cannot be trusted: {detail}.',
    hint: 'lastgood journal verify says where it breaks. The way back without lastgood: cat {runbook}',
  },
  DISK_FULL: {
    exit: 19,
    title: 'The disk is full',
    message: 'No space is left where {what} is written ({path}).',
    hint: 'df -h {path}   then the same command again',
  },
  NOT_RUNNING: {
    exit: 11,
    title: 'Nothing to adopt',
    message: 'PM2 runs no app named {app}, so there is nothing to adopt.',
    hint: 'pm2 list   or put out a release with: lastgood deploy',
  },
  ALREADY_MANAGED: {
    exit: 11,
    title: 'Already adopted',
    message: '{service} already has releases here; {live} serves.',
    hint: 'lastgood status',
  },
  VERIFICATION_FAILED_BEFORE: {
    exit: 12,
    title: 'What serves is not well',
    message: 'What serves now did not pass its checks: {detail}. It was not taken as good.',
    hint: 'lastgood verify shows each check',
  },
} as const satisfies Record<string, ErrorEntry>
