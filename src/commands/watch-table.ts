import { type CommandSpec, plan, reason, yes } from './command-spec.ts'

/** The commands of the judge. */
export const watchCommands: CommandSpec[] = [
  {
    name: 'watch',
    args: [],
    summary: 'watch what serves, and go back in time',
    description:
      'Reads the counters of the release that serves once a second, tries the flows, asks the invariants, and weighs what it sees. With the policy ask (the default) a release that is proven bad is proposed to go back; with act it goes back by itself after a countdown. One watcher a service; it can be ended and begun again at any time. Run it under PM2, systemd or in a terminal.',
    options: [
      { flags: '--policy <policy>', description: 'ask or act, instead of watch.policy' },
      { flags: '--countdown <time>', description: 'instead of watch.countdown: 30s, 0s' },
      { flags: '--for <time>', description: 'end after this long: 10m' },
    ],
    examples: [
      { command: 'lastgood watch', does: 'watches until Ctrl-C, and proposes' },
      {
        command: 'lastgood watch --policy act --countdown 10s',
        does: 'goes back by itself, ten seconds after its verdict',
      },
    ],
    saysWhatServes: true,
    load: () => import('./watch.ts'),
  },
  {
    name: 'why',
    args: [
      {
        name: 'name',
        required: false,
        description: 'a finding or a verdict: f3, v1 (default: the newest finding)',
      },
    ],
    summary: 'why a release was found bad',
    description:
      'The evidence against time, the counts, the line that it had to cross, what would have changed it, and what followed.',
    options: [{ flags: '--svg <file>', description: 'draw the evidence to this file as well' }],
    examples: [{ command: 'lastgood why f3', does: 'explains the finding f3' }],
    saysWhatServes: true,
    load: () => import('./why.ts'),
  },
  {
    name: 'replay',
    args: [
      { name: 'file', required: true, description: 'JSON lines (docs/replay.md); - reads standard input' },
    ],
    summary: 'what the judge would have done with recorded counters',
    description:
      "Runs last month's incident through the same judge, with any policy: what it would have found, when, and from how many requests. Needs no service and touches none.",
    options: [
      { flags: '--against <file>', description: 'a recording of a good time: what slowness is judged by' },
      { flags: '--alpha <share>', description: 'chance of a false alarm for each trigger: 1e-3' },
      { flags: '--error-rate <share>', description: 'server errors that are all right: 5%' },
      { flags: '--slowdown <share>', description: 'how much slower is all right: 50%' },
      { flags: '--slot <time>', description: 'one bet in this time: 5s; or request, for one bet a request' },
      {
        flags: '--switched-at <seconds>',
        description: 'when it went live: judges its first minute by the second',
      },
      { flags: '--counts <kind>', description: 'total, increment, or auto: told from the first lines' },
      { flags: '--svg <file>', description: 'draw the evidence to this file as well' },
    ],
    examples: [
      { command: 'lastgood replay incident.jsonl --against good.jsonl', does: 'judges errors and slowness' },
    ],
    saysWhatServes: false,
    load: () => import('./replay.ts'),
  },
  {
    name: 'flag',
    args: [
      { name: 'what', required: true, description: 'corruption, security or critical' },
      { name: 'saw', required: true, description: 'what you saw, in quotes' },
    ],
    summary: "a person's word against what serves",
    description:
      'A finding like any other: a watcher decides on it within a second. Corruption takes the data back too.',
    options: [],
    examples: [
      {
        command: 'lastgood flag corruption "prices are 100 times too high"',
        does: 'the watcher decides on it',
      },
    ],
    saysWhatServes: true,
    load: () => import('./flag.ts'),
  },
  {
    name: 'cancel',
    args: [
      {
        name: 'name',
        required: false,
        description: 'a verdict or a finding: v1, f3 (default: the verdict that stands)',
      },
    ],
    summary: 'call a verdict or a finding off',
    description:
      'A countdown that is called off does not end in a rollback, and the same findings raise no other verdict. A finding that is called off was nothing.',
    options: [plan, yes, reason],
    examples: [
      { command: 'lastgood cancel --yes --reason "it is the load test"', does: 'stops the countdown' },
    ],
    saysWhatServes: true,
    load: () => import('./cancel.ts'),
  },
  {
    name: 'extend',
    args: [{ name: 'time', required: true, description: 'from now on: 15m' }],
    summary: 'more time to fix forward',
    description:
      'From the first open finding a clock runs (watch.fixForward, 30 minutes); when it is over, going back is proposed. This gives more time, and says why.',
    options: [reason],
    examples: [
      {
        command: 'lastgood extend 15m --reason "the fix is in review"',
        does: 'the clock runs 15 minutes from now',
      },
    ],
    saysWhatServes: true,
    load: () => import('./extend.ts'),
  },
  {
    name: 'freeze',
    args: [],
    summary: 'stop writes to the database now',
    description:
      'Reading goes on, nothing more is written, so that damage does not spread while a person thinks. lastgood restore --unfreeze lets writes in again.',
    options: [plan, yes, reason],
    examples: [
      {
        command: 'lastgood freeze --yes --reason "orders lose their prices"',
        does: 'makes the database read-only',
      },
    ],
    saysWhatServes: true,
    load: () => import('./freeze.ts'),
  },
]
