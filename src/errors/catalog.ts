/**
 * Every error a person can meet: what happened (`message`), and what to type next (`hint`). What is serving is added by
 * the one renderer, which asks. Codes are permanent. Exit codes: 1 our bug · 2 usage · 10-19 refused, nothing changed ·
 * 20-29 failed and put back · 30-39 partly changed, someone is needed · 40-49 lease held, or version too old.
 */
export interface ErrorEntry {
  exit: number
  title: string
  message: string
  hint: string
}

export const catalog = {
  // 1: ours
  INTERNAL: {
    exit: 1,
    title: 'A defect in lastgood',
    message: 'lastgood met something it did not expect: {detail}',
    hint: 'Run the same command with --debug and report what it prints. The service was left as the journal says: lastgood status',
  },

  // 2: usage
  USAGE: {
    exit: 2,
    title: 'The command line is wrong',
    message: '{detail}',
    hint: 'lastgood {command} --help',
  },
  NO_CONFIG: {
    exit: 2,
    title: 'No configuration',
    message: 'There is no configuration file at {path}.',
    hint: 'Write one with: lastgood init   or name it with: --config FILE',
  },
  CONFIG_INVALID: {
    exit: 2,
    title: 'The configuration cannot be used',
    message: '{path} cannot be used as it is; problems found: {count}.',
    hint: 'Mend the lines above, then check with: lastgood doctor',
  },
  CONFIG_EXISTS: {
    exit: 10,
    title: 'A configuration is already there',
    message: '{path} exists and was not touched.',
    hint: 'Edit it, or write another with: lastgood init --config OTHER.yaml',
  },
  NOT_A_PROJECT: {
    exit: 10,
    title: 'Nothing here to look at',
    message: '{directory} has no package.json, so there is no Node.js service to set up.',
    hint: 'Run lastgood init in the folder of your service',
  },
  PACKAGE_UNREADABLE: {
    exit: 10,
    title: 'package.json cannot be read',
    message: '{path} cannot be read: {detail}.',
    hint: 'Mend it, then: lastgood init',
  },

  // 10-19: refused, nothing changed
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

  // 20-29: failed and put back
  BUILD_FAILED: {
    exit: 20,
    title: 'The build failed',
    message: '{command} failed with {outcome}.',
    hint: 'The whole log: cat {log}',
  },
  CANDIDATE_CRASHED: {
    exit: 21,
    title: 'The candidate crashed',
    message: '{release} ended by itself while it was started, before it had any traffic.',
    hint: 'The whole log: cat {log}',
  },
  CANDIDATE_NOT_READY: {
    exit: 21,
    title: 'The candidate never became ready',
    message:
      '{release} was not ready after {seconds} s ({ready} of {instances} instances); it had no traffic.',
    hint: 'What it said: cat {log}   More time: start.timeout in the configuration',
  },
  CANDIDATE_SICK: {
    exit: 22,
    title: 'The candidate did not pass its checks',
    message: '{release} was tried in private and is not well: {detail}. It had no traffic.',
    hint: 'What it said: cat {log}',
  },
  PORT_TAKEN: {
    exit: 23,
    title: 'The port is taken',
    message: 'Port {port} is held by a process that is not the service{holder}.',
    hint: 'ss -ltnp "sport = :{port}"   shows who; then the same command again',
  },
  ACTIVATION_FAILED: {
    exit: 24,
    title: 'The release did not take traffic',
    message: '{release} could not begin to listen: {detail}.',
    hint: 'What it said: cat {log}',
  },
  VERIFICATION_FAILED: {
    exit: 25,
    title: 'Verification failed',
    message: '{release} took traffic and did not pass its checks: {detail}.',
    hint: 'lastgood verify   lastgood status',
  },
  INTERRUPTED: {
    exit: 26,
    title: 'Interrupted',
    message: 'Interrupted in step {step}; what was begun has been put back.',
    hint: 'lastgood status   or the same command again',
  },
  RUNTIME_FAILED: {
    exit: 27,
    title: 'PM2 refused',
    message: 'pm2 {operation} failed: {detail}.',
    hint: 'lastgood status   pm2 list',
  },

  // 30-39: partly changed, someone is needed
  STOPPED_PART_WAY: {
    exit: 30,
    title: 'Stopped part way',
    message: 'The {verb} to {to} stopped in step {step}, after the traffic had been moved: {detail}.',
    hint: 'Look: lastgood verify   Go on from there: lastgood resume   To another release: lastgood rollback RELEASE',
  },
  PUT_BACK_FAILED: {
    exit: 31,
    title: 'Could not be put back',
    message: 'The {verb} to {to} failed in step {step}, and taking it back failed as well: {detail}.',
    hint: 'lastgood status   then: lastgood resume --put-back',
  },
  NOT_WELL: {
    exit: 32,
    title: 'Verification failed',
    message: 'The service did not pass its checks: {detail}.',
    hint: 'lastgood rollback --plan shows the way back',
  },
  NOT_KNOWN: {
    exit: 33,
    title: 'Verification is unknown',
    message: 'Nobody can say whether the service is well: {detail}.',
    hint: 'lastgood status   then: lastgood verify',
  },
  NOT_PROVEN: {
    exit: 34,
    title: 'The release did not prove itself',
    message: '{release} serves, but its bake ended with a finding: {detail}.',
    hint: 'lastgood rollback   goes back; lastgood verify looks again',
  },
  INTERRUPTED_AFTER_SWITCH: {
    exit: 35,
    title: 'Interrupted after the switch',
    message: 'Interrupted in step {step}, after the traffic had been moved to {to}.',
    hint: 'lastgood resume   ends it',
  },
  NOT_READY_TO_ROLL_BACK: {
    exit: 36,
    title: 'No way back right now',
    message: 'A rollback would not work right now: {detail}.',
    hint: 'Mend what is marked above, then: lastgood doctor',
  },

  // 40-49: lease held, version too old
  LEASE_HELD: {
    exit: 40,
    title: 'Somebody else is at it',
    message: '{holder} holds {service} since {since}: {reason}.',
    hint: 'lastgood status   If that process is gone, its hold ends by itself in {seconds} s: lastgood resume',
  },
  LEASE_LOST: {
    exit: 41,
    title: 'The lease was lost',
    message: 'This run was not heard of in time, and its right to act has ended.',
    hint: 'lastgood status   then: lastgood resume',
  },
  HOME_TOO_NEW: {
    exit: 42,
    title: 'The home was written by a newer lastgood',
    message: '{path} was written by a version that this one ({version}) must not touch (schema {schema}).',
    hint: 'npm install -g lastgood@latest',
  },
} as const satisfies Record<string, ErrorEntry>

export type ErrorCode = keyof typeof catalog
