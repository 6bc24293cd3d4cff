import { ROLES } from '../domain/incident/words.ts'
import type { CommandSpec } from './command-spec.ts'

const which = { flags: '--incident <id>', description: 'which one (default: the one that is going on)' }
const as = {
  flags: '--as <person>',
  description: 'who is speaking (default: the account, as contacts know it)',
}
const incidentArgument = {
  name: 'incident',
  required: false,
  description: 'its id, as in i3 (default: the one that is going on)',
}
const text = (description: string) => [{ name: 'text', required: true, description }]

const say = async () => import('./incident-say.ts')
const act = async () => import('./incident-do.ts')

/** Everything about an incident: what people say of it, and what is made of it. */
export const incidentCommands: CommandSpec[] = [
  {
    name: 'incident open',
    args: [{ name: 'title', required: true, description: 'what you see, in one line' }],
    summary: 'open an incident that no signal has found',
    description:
      'A finding that is to be asked about or acted on, a rollback, and a run that stopped part way open one by themselves. Here a person does.',
    options: [
      {
        flags: '--severity <sev>',
        description: 'SEV-1 to SEV-5; in doubt the higher (default: SEV-2, not confirmed)',
      },
      { flags: '--at <time>', description: 'when it was seen: 03:12, 2026-03-01T03:12:00Z, 10m' },
      { flags: '--drill', description: 'a drill: it cannot reach the outside, and counts in no metric' },
    ],
    examples: [{ command: 'lastgood incident open "checkout shows a blank page"', does: 'opens one' }],
    saysWhatServes: true,
    load: async () => ({ run: (await say()).open }),
  },
  {
    name: 'incident show',
    args: [incidentArgument],
    summary: 'all that is known of an incident',
    description: 'Its state, its times, impact, data lost, checklist and timeline. Times are UTC.',
    options: [],
    examples: [{ command: 'lastgood incident show', does: 'the one that is going on' }],
    saysWhatServes: true,
    load: async () => ({ run: (await import('./incident-show.ts')).show }),
  },
  {
    name: 'incident list',
    args: [],
    summary: 'list the incidents, newest first',
    description: 'Every incident with its severity and state, drills included.',
    options: [],
    examples: [{ command: 'lastgood incident list', does: 'newest first' }],
    saysWhatServes: true,
    load: async () => ({ run: (await import('./incident-show.ts')).list }),
  },
  {
    name: 'incident ack',
    args: [incidentArgument],
    summary: 'say that you have it',
    description:
      'Paging stops, and the severity is taken as right; say another with incident severity. With --decline it climbs to the next one at once.',
    options: [as, { flags: '--decline <reason>', description: 'you cannot: page the next one now' }],
    examples: [{ command: 'lastgood incident ack', does: 'it is yours' }],
    saysWhatServes: true,
    load: async () => ({ run: (await say()).ack }),
  },
  {
    name: 'incident note',
    args: text('what happened, or what you know'),
    summary: 'write something into the timeline',
    description:
      'Also long afterwards: --at says when it happened. Nothing is ever changed: what was wrong is put right by a note that says which.',
    options: [
      which,
      {
        flags: '--at <time>',
        description: 'when it happened: 03:12, 2026-03-01T03:12:00Z, 10m (default: now)',
      },
      { flags: '--corrects <event>', description: 'number of the event that this puts right' },
      { flags: '--marks <moment>', description: 'failing-since or detected: --at is that moment' },
    ],
    examples: [
      {
        command: 'lastgood incident note "first complaint by phone" --at 02:58 --marks failing-since',
        does: 'moves a time',
      },
    ],
    saysWhatServes: true,
    load: async () => ({ run: (await say()).note }),
  },
  {
    name: 'incident severity',
    args: [{ name: 'severity', required: true, description: 'SEV-1 to SEV-5; in doubt the higher' }],
    summary: 'say how bad it is',
    description: 'A person’s word stands: what is found later no longer raises it.',
    options: [which, { flags: '--reason <text>', description: 'why; kept in the journal' }],
    examples: [{ command: 'lastgood incident severity SEV-1 --reason "nobody can pay"', does: 'sets it' }],
    saysWhatServes: true,
    load: async () => ({ run: (await say()).severity }),
  },
  {
    name: 'incident impact',
    args: text('who is hit, and how'),
    summary: 'say whom it hits, and how',
    description: 'In words; the numbers come from the signals.',
    options: [which],
    examples: [{ command: 'lastgood incident impact "card payments fail in the EU"', does: 'keeps it' }],
    saysWhatServes: true,
    load: async () => ({ run: (await say()).impact }),
  },
  {
    name: 'incident role',
    args: [
      { name: 'role', required: true, description: ROLES.join(', ') },
      { name: 'person', required: false, description: 'who has it (default: you)' },
    ],
    summary: 'take a role, or give it to somebody',
    description: 'One person may have several. With --none nobody has it any more.',
    options: [which, as, { flags: '--none', description: 'nobody has it any more' }],
    examples: [{ command: 'lastgood incident role commander ann', does: 'ann leads' }],
    saysWhatServes: true,
    load: async () => ({ run: (await say()).role }),
  },
  {
    name: 'incident update',
    args: text('what there is to tell'),
    summary: 'tell everybody how it stands',
    description:
      'And promise the next word: in 20 minutes, unless --next says otherwise. One that does not come is written down.',
    options: [
      which,
      { flags: '--public', description: 'for customers too' },
      { flags: '--eta <time>', description: 'when it will be over: 03:40, 15m' },
      { flags: '--next <time>', description: 'when the next update comes (default: 20m)' },
    ],
    examples: [{ command: 'lastgood incident update "r2 takes over" --eta 5m --public', does: 'tells it' }],
    saysWhatServes: true,
    load: async () => ({ run: (await say()).update }),
  },
  {
    name: 'incident tick',
    args: [{ name: 'item', required: true, description: 'as incident show names it: users-notified' }],
    summary: 'tick or skip an item of the checklist',
    description: 'By a named person. What an event proves is ticked by itself, and needs nobody.',
    options: [
      which,
      as,
      { flags: '--note <text>', description: 'how you know' },
      { flags: '--skip <reason>', description: 'it is not done, and this is why' },
      { flags: '--reopen <reason>', description: 'takes a tick or a skip back' },
    ],
    examples: [
      { command: 'lastgood incident tick users-notified --note "banner on the shop"', does: 'ticks it' },
      { command: 'lastgood incident tick cache-cleared --skip "nothing is cached"', does: 'skips it' },
    ],
    saysWhatServes: true,
    load: async () => ({ run: (await act()).tick }),
  },
  {
    name: 'incident resolve',
    args: text('how it was resolved'),
    summary: 'say that it is over',
    description: 'Where evidence proves the recovery, this happens by itself.',
    options: [which],
    examples: [{ command: 'lastgood incident resolve "r2 serves, checkout works"', does: 'resolves it' }],
    saysWhatServes: true,
    load: async () => ({ run: (await act()).resolve }),
  },
  {
    name: 'incident close',
    args: text('one sentence on it, for the report'),
    summary: 'close an incident with nothing left to do',
    description:
      'Refused while an item of the checklist has neither evidence, nor a tick, nor a reason to be skipped. Writes the report and sets the review where nobody has.',
    options: [which],
    examples: [
      { command: 'lastgood incident close "an index was missing; a test is coming"', does: 'closes it' },
    ],
    saysWhatServes: true,
    load: async () => ({ run: (await act()).close }),
  },
  {
    name: 'incident dismiss',
    args: [{ name: 'reason', required: true, description: 'why it was none' }],
    summary: 'say that it was none',
    description: 'A false alarm: no checklist, no review, and it counts in no metric.',
    options: [which],
    examples: [{ command: 'lastgood incident dismiss "the load test of the other team"', does: 'ends it' }],
    saysWhatServes: true,
    load: async () => ({ run: (await act()).dismiss }),
  },
  {
    name: 'incident action',
    args: [{ name: 'text', required: false, description: 'what is to be done' }],
    summary: 'write down what is to be done so that it does not happen again',
    description:
      'An action item with an owner and a date. lastgood report --file makes issues of them, each once.',
    options: [
      which,
      { flags: '--owner <person>', description: 'who does it' },
      { flags: '--due <day>', description: 'until when: 2026-03-14, 14d' },
      { flags: '--kind <kind>', description: 'detect, prevent or correct (default: prevent)' },
      { flags: '--done <item>', description: 'this one is done' },
    ],
    examples: [
      {
        command: 'lastgood incident action "test checkout with an empty cart" --owner ann --due 14d',
        does: 'adds one',
      },
      { command: 'lastgood incident action --done a1', does: 'it is done' },
    ],
    saysWhatServes: true,
    load: async () => ({ run: (await act()).action }),
  },
  {
    name: 'incident review',
    args: [incidentArgument],
    summary: 'set, move or call off the review',
    description:
      'Within 3 days of a SEV-1, else within 5 business days, 30 minutes; to whoever took part. Writes a calendar invite beside the report.',
    options: [
      { flags: '--at <time>', description: 'another moment than the rule has: "2026-03-04 14:00"' },
      { flags: '--cancel <reason>', description: 'calls it off' },
    ],
    examples: [{ command: 'lastgood incident review', does: 'sets it by the rule' }],
    saysWhatServes: true,
    load: () => import('./review.ts'),
  },
  {
    name: 'report',
    args: [{ ...incidentArgument, description: 'its id, as in i3 (default: the newest)' }],
    summary: 'write the report of an incident',
    description:
      'Markdown and one HTML file that prints well, made from the journal: the same journal gives the same bytes, and every sentence names its events. What people write into edits.md beside it survives.',
    options: [
      { flags: '--out <dir>', description: 'where to (default: incident.folder, else the home)' },
      { flags: '--print', description: 'print the Markdown, write nothing' },
      { flags: '--file', description: 'make issues of the action items, each once' },
    ],
    examples: [{ command: 'lastgood report i3', does: 'writes report.md and report.html' }],
    saysWhatServes: false,
    load: () => import('./report.ts'),
  },
  {
    name: 'contacts',
    args: [],
    summary: 'who is on call, and how to reach everybody',
    description: 'A card that also works on paper: in which order to call whom, and how.',
    options: [],
    examples: [{ command: 'lastgood contacts | lp', does: 'prints it' }],
    saysWhatServes: false,
    load: () => import('./contacts.ts'),
  },
  {
    name: 'metrics',
    args: [],
    summary: 'how often, how well and how fast',
    description:
      'Deployment frequency, change fail rate, failed deployment recovery time, time to detect: medians with their n, drills left out.',
    options: [
      { flags: '--since <days>', description: 'how far back (default: 90d)' },
      { flags: '--prometheus', description: 'as a Prometheus text page' },
    ],
    examples: [{ command: 'lastgood metrics --since 30d', does: 'of the last month' }],
    saysWhatServes: false,
    load: () => import('./metrics.ts'),
  },
]
