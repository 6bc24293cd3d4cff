import { type CommandSpec, changing, plan, reason, yes } from './command-spec.ts'

/** What is done with the database by itself; deploy and rollback do the same as steps of their plans. */
export const databaseCommands: CommandSpec[] = [
  {
    name: 'checkpoint',
    args: [
      { name: 'action', required: true, description: 'create, list, verify or prune' },
      { name: 'checkpoint', required: false, description: 'verify: which one (default: the newest)' },
    ],
    summary: 'keep copies of the database to go back to',
    description:
      'create dumps the database in one snapshot, with a record of every table by count and content. With --template the server itself copies it into a database of its own instead: seconds, also to go back to, but on the same disk, and only while nobody is connected. verify restores one for real into a database of its own and compares. prune removes what the configured retention no longer keeps.',
    options: [
      { flags: '--template', description: 'create: let the server copy the database, instead of a dump' },
      {
        flags: '--pause <time>',
        description: 'create --template: end sessions, and let new ones wait for at most so long (10s)',
      },
      {
        flags: '--if-due',
        description: 'create: only when database.checkpoints.every says so; then prune as well',
      },
      ...changing,
    ],
    examples: [
      { command: 'lastgood checkpoint create --reason "before the sale"', does: 'takes one now' },
      {
        command: 'lastgood checkpoint create --if-due',
        does: 'from cron, as often as you like: keeps the schedule',
      },
      {
        command: 'lastgood checkpoint create --template --pause 10s',
        does: 'copies it on the server while new connections wait',
      },
      { command: 'lastgood checkpoint verify', does: 'proves that the newest can be restored' },
    ],
    saysWhatServes: false,
    load: () => import('./checkpoint.ts'),
  },
  {
    name: 'migrations status',
    args: [],
    summary: 'compare what is applied with what serves',
    description:
      "Reads the migration tool's own table, and says what is applied, what is missing, what no release knows, and how the schema could go back to the last known good release.",
    options: [],
    examples: [{ command: 'lastgood migrations status', does: 'shows both lists and the way back' }],
    saysWhatServes: true,
    load: async () => ({ run: (await import('./migrations.ts')).status }),
  },
  {
    name: 'migrations up',
    args: [],
    summary: 'apply what the serving release brings',
    description: 'With the files of the serving release. deploy does this by itself.',
    options: [plan, yes],
    examples: [{ command: 'lastgood migrations up --plan', does: 'shows what is missing' }],
    saysWhatServes: true,
    load: async () => ({ run: (await import('./migrations.ts')).up }),
  },
  {
    name: 'migrations down',
    args: [],
    summary: 'take the schema back to that of a release',
    description:
      'By release, never by step, and with the files of the release that applied them. Refused when the database has something applied that those files do not know: some tools take down another migration then, and call it a success.',
    options: [{ flags: '--to <release>', description: 'the release whose schema is wanted' }, plan, yes],
    examples: [
      { command: 'lastgood migrations down --to r3 --plan', does: 'shows what would be taken down' },
    ],
    saysWhatServes: true,
    load: async () => ({ run: (await import('./migrations.ts')).down }),
  },
  {
    name: 'rehearse',
    args: [
      {
        name: 'ref',
        required: false,
        description: 'a release, or a tag, branch or commit, which is built first (default: what serves)',
      },
    ],
    summary: 'try a release and its way back on a copy',
    description:
      'The newest checkpoint is restored into a private copy. There the migrations go up, the old release boots on the new schema and is checked, the new one writes rows, and the migrations go down again; then schema and rows are compared with what was before. What is not built yet is built as a deploy would, as a release that nobody puts out. deploy does this by itself when a release brings migrations.',
    options: [{ flags: '--checkpoint <id>', description: 'use this one (default: the newest good one)' }],
    examples: [
      { command: 'lastgood rehearse', does: 'tries the way back from what serves' },
      { command: 'lastgood rehearse v2.0.0', does: 'builds it and tries it, long before it goes out' },
    ],
    saysWhatServes: true,
    load: () => import('./rehearse.ts'),
  },
  {
    name: 'restore',
    args: [{ name: 'checkpoint', required: false, description: 'which one (default: the newest good one)' }],
    summary: 'restore a checkpoint beside the database, and swap it in',
    description:
      'A second database is built and compared row by row while the service goes on; then the two change names in one short moment. The damaged one is kept, for lastgood salvage, and --undo puts it back.',
    options: [
      { flags: '--freeze', description: 'stop writes while it is built' },
      { flags: '--undo', description: 'what was replaced last serves again' },
      { flags: '--list', description: 'show what restores have left on the server' },
      { flags: '--unfreeze', description: 'let writes in again' },
      { flags: '--prune', description: 'drop kept databases whose time is over' },
      plan,
      yes,
      reason,
    ],
    examples: [
      { command: 'lastgood restore c3 --plan', does: 'says what was written since, and what it takes' },
      { command: 'lastgood restore --undo', does: 'puts the replaced database back' },
    ],
    saysWhatServes: true,
    load: () => import('./restore.ts'),
  },
  {
    name: 'salvage',
    args: [],
    summary: 'bring back what was written after the checkpoint',
    description:
      'Compares the damaged database with the restored one, row by row: lists what was inserted, changed and deleted, exports it, and on request brings the inserts of chosen tables back with their own ids, never over what is there.',
    options: [
      { flags: '--export <folder>', description: 'write the rows as CSV and SQL' },
      {
        flags: '--reinsert <tables>',
        description: 'bring the inserts of these tables back: orders,order_items',
      },
      { flags: '--without <sql>', description: 'leave out rows for which this is true: "total < 0"' },
      { flags: '--from <database>', description: 'the damaged database (default: the newest that was kept)' },
      plan,
      yes,
    ],
    examples: [
      { command: 'lastgood salvage', does: 'lists what is not in the restored database' },
      { command: 'lastgood salvage --reinsert orders,order_items', does: 'brings the orders back' },
    ],
    saysWhatServes: false,
    load: () => import('./salvage.ts'),
  },
]
