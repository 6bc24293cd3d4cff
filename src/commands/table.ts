import { type CommandSpec, changing, type OptionSpec } from './command-spec.ts'
import { databaseCommands } from './database-table.ts'
import { incidentCommands } from './incident-table.ts'
import { notifyCommands } from './notify-table.ts'
import { watchCommands } from './watch-table.ts'

export const globalOptions: OptionSpec[] = [
  { flags: '--json', description: 'print one JSON document and nothing else' },
  {
    flags: '--home <dir>',
    description: 'where lastgood keeps its memory and the releases (LASTGOOD_HOME, else ~/.lastgood)',
  },
  { flags: '--config <file>', description: 'the configuration (default: lastgood.yaml in this folder)' },
  { flags: '--debug', description: 'print the stack of an error' },
]

const apply = {
  flags: '--apply <file>',
  description: 'run a plan printed earlier with --plan --json; refused when anything has changed since',
}

export const commands: CommandSpec[] = [
  {
    name: 'init',
    args: [],
    summary: 'write a configuration for the project in this folder',
    description:
      'Looks at the project (ecosystem file, scripts, migration tool, DATABASE_URL, routes) and writes a commented lastgood.yaml. Never overwrites one.',
    options: changing,
    examples: [{ command: 'lastgood init', does: 'writes lastgood.yaml' }],
    saysWhatServes: false,
    load: () => import('./init.ts'),
  },
  {
    name: 'adopt',
    args: [],
    summary: 'make what runs now the first release, without a restart',
    description:
      'For a service that already runs, under PM2, on Compose or on a swarm: the files or the image, environment and commit of what serves now are kept as the first release, so there is a way back from the first day.',
    options: changing,
    examples: [{ command: 'lastgood adopt', does: 'keeps what serves now as r1' }],
    saysWhatServes: true,
    load: () => import('./adopt.ts'),
  },
  {
    name: 'doctor',
    args: [],
    summary: 'could we roll back right now?',
    description:
      'To what, how long it would take, and what would be lost: one line a check, each with its fix. Exits non-zero when a rollback would not work.',
    options: [],
    examples: [{ command: 'lastgood doctor', does: 'checks everything a rollback needs' }],
    saysWhatServes: true,
    load: () => import('./doctor.ts'),
  },
  {
    name: 'deploy',
    args: [{ name: 'ref', required: false, description: 'a commit, tag or branch (default: HEAD)' }],
    summary: 'build a commit and put it out beside what serves',
    description:
      'Builds from a clean checkout in a folder of its own, starts it beside what serves, tries it in private, switches, verifies, and lets it bake until it is proven. Whatever fails, what served before serves on.',
    options: [
      ...changing,
      { flags: '--force', description: 'put out a commit that is marked bad; needs --reason' },
      {
        flags: '--without-way-back',
        description: 'put it out although the rehearsal finds no way back from it; needs --reason',
      },
      {
        flags: '--image <digest>',
        description:
          'on Compose and Swarm: an image that a CI has built, name@sha256:..., instead of building one',
      },
      { flags: '--no-wait', description: 'do not watch the release bake' },
      {
        flags: '--watch',
        description: 'let it bake under the judge: as lastgood watch does, until it is proven or found bad',
      },
      apply,
    ],
    examples: [
      { command: 'lastgood deploy v1.4.0', does: 'puts out the tag v1.4.0' },
      { command: 'lastgood deploy --plan', does: 'shows what would be done for HEAD' },
    ],
    saysWhatServes: true,
    load: () => import('./deploy.ts'),
  },
  {
    name: 'rollback',
    args: [
      {
        name: 'release',
        required: false,
        description: 'a release id, tag, version or commit (default: last known good)',
      },
    ],
    summary: 'go back to the last known good release',
    description:
      'The newest proven release that is not marked bad takes over: checked and tried in private first, then one short switch without a failed request, then verified. What is left is marked bad. No build, no network, no registry. With a database configured, the data goes back too where that is needed: the cheapest way that is proven is taken, and what it costs is said first.',
    options: [
      ...changing,
      apply,
      {
        flags: '--data <way>',
        description:
          'keep, down or restore: what becomes of the database (default: the cheapest way that is proven)',
      },
      { flags: '--corrupt', description: 'the rows themselves are wrong: only a restore mends that' },
    ],
    examples: [
      {
        command: 'lastgood rollback --yes --reason "checkout fails"',
        does: 'to the last known good release, now',
      },
      { command: 'lastgood rollback r3', does: 'to a release by name' },
      { command: 'lastgood rollback --plan', does: 'shows the way, what it costs and what else was weighed' },
    ],
    saysWhatServes: true,
    load: () => import('./rollback.ts'),
  },
  {
    name: 'resume',
    args: [],
    summary: 'end a run that was cut short',
    description:
      'After a crash, a Ctrl-C or a run that stopped part way: looks at what is there, then goes on from it. With --put-back, goes back to what served before, where that is still possible.',
    options: [...changing, { flags: '--put-back', description: 'go back instead of on' }],
    examples: [{ command: 'lastgood resume', does: 'ends the run that was cut short' }],
    saysWhatServes: true,
    load: () => import('./resume.ts'),
  },
  {
    name: 'verify',
    args: [],
    summary: 'prove what serves now, and that it is well',
    description:
      'On every instance the release it really serves; then the configured health endpoints and smoke checks, over a window. The outcome is recorded: passed, failed or unknown, with its evidence.',
    options: [],
    examples: [{ command: 'lastgood verify', does: 'checks for the configured window' }],
    saysWhatServes: true,
    load: () => import('./verify.ts'),
  },
  {
    name: 'status',
    args: [],
    summary: 'what serves, and what it would go back to',
    description:
      'What each instance really serves, the way back, the standby, and whether a run is under way or was cut short.',
    options: [],
    examples: [{ command: 'lastgood status', does: 'a look; changes nothing' }],
    saysWhatServes: true,
    load: () => import('./status.ts'),
  },
  {
    name: 'releases',
    args: [],
    summary: 'list the releases, newest first',
    description: 'Every release with its state, its proof, its commit, and why it is bad where it is.',
    options: [],
    examples: [{ command: 'lastgood releases --json', does: 'the same for a program' }],
    saysWhatServes: true,
    load: () => import('./releases.ts'),
  },
  {
    name: 'releases mark',
    args: [
      { name: 'mark', required: true, description: 'bad or proven' },
      { name: 'release', required: true, description: 'a release id, tag, version or commit' },
    ],
    summary: 'mark a release bad or proven',
    description:
      'A release marked bad is never a target, and its commit is not put out again. Marked proven, it may be gone back to; that also takes a bad mark back.',
    options: changing,
    examples: [
      { command: 'lastgood releases mark bad r4 --reason "loses orders"', does: 'no rollback goes to r4' },
    ],
    saysWhatServes: true,
    load: () => import('./mark.ts'),
  },
  ...watchCommands,
  ...databaseCommands,
  ...notifyCommands,
  ...incidentCommands,
  {
    name: 'runbook',
    args: [{ name: 'incident', required: false, description: 'with --diff: its id (default: the newest)' }],
    summary: "print this service's own runbook",
    description:
      'Markdown with the real names, paths and commands of this service, for the day lastgood itself is gone. Also kept in the home after every run. With --diff: what an incident did otherwise than the runbook as it stood.',
    options: [
      {
        flags: '--diff',
        description: 'what was skipped, added or over time in an incident, to mend the runbook by',
      },
    ],
    examples: [
      { command: 'lastgood runbook > RUNBOOK.md', does: 'keeps it with your documentation' },
      { command: 'lastgood runbook --diff i3', does: 'says what to change in it' },
    ],
    saysWhatServes: false,
    load: () => import('./runbook.ts'),
  },
  {
    name: 'journal verify',
    args: [],
    summary: 'check that the journal is whole',
    description: 'Walks the hash chain from the first event to the last and says where it breaks.',
    options: [],
    examples: [
      { command: 'lastgood journal verify', does: 'exits non-zero when an event was changed or is missing' },
    ],
    saysWhatServes: false,
    load: async () => ({ run: (await import('./journal.ts')).verify }),
  },
  {
    name: 'journal export',
    args: [],
    summary: 'print every event, one JSON line each',
    description: 'Everything lastgood remembers, as it was written.',
    options: [],
    examples: [
      { command: 'lastgood journal export > journal.jsonl', does: 'for another tool, or another day' },
    ],
    saysWhatServes: false,
    load: async () => ({ run: (await import('./journal.ts')).exportJournal }),
  },
]
