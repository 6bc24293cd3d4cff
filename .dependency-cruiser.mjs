/**
 * Who may import whom. Each rule says what to do instead; test/architecture.test.ts breaks each one and expects red.
 *
 *   domain <- ports <- adapters        know the centre, and no other adapter
 *   domain <- planner                  pure
 *   domain, ports <- verify <- executor    reach the world through ports
 *   commands, render                   load, call, print
 *   wire.ts                            the only file that knows both ports and adapters
 */

/** Folders whose code touches the world: a file, a socket, a program, the clock. */
const ADAPTERS = [
  'advisories',
  'agent-client',
  'alert-inbox',
  'cache',
  'command-runner',
  'config',
  'database',
  'docker',
  'init',
  'issues',
  'journal',
  'notify',
  'prober',
  'runtimes/[^/]+',
  'signals',
  'source',
  'status-page',
  'store',
  'system',
].join('|')

/** Built-ins of Node and anything from npm. */
const OUTSIDE = ['core', 'npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'unknown']

/** The part of the path that names a layer: `^src/(domain|ports)/`. */
const within = (...folders) => `^src/(${folders.join('|')})/`

/** Two rules, because what is outside of src has no folder of ours: what it may import inside, and nothing outside. */
const pure = (name, folders, allowed, comment) => [
  {
    name,
    severity: 'error',
    comment,
    from: { path: within(...folders) },
    to: { path: '^src/', pathNot: within(...allowed) },
  },
  {
    name: `${name}-and-nothing-from-outside`,
    severity: 'error',
    comment: `${comment} No node:* module and no npm package either: what they give comes in as an argument or through a port.`,
    from: { path: within(...folders) },
    to: { dependencyTypes: OUTSIDE },
  },
]

const forbidden = [
  {
    name: 'no-cycle',
    severity: 'error',
    comment: 'Two modules that need each other are one module, or share a third: move what both need there.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'no-orphan',
    severity: 'error',
    comment: 'Nothing imports this file and it imports nothing: use it or delete it.',
    from: { orphan: true },
    to: {},
  },
  {
    name: 'nothing-unresolved',
    severity: 'error',
    comment: 'This import leads nowhere: mend the path, or add the package to package.json.',
    from: {},
    to: { couldNotResolve: true },
  },
  ...pure(
    'domain-knows-only-itself',
    ['domain'],
    ['domain'],
    'The domain is types and pure rules. Pass in what it needs, or move the code that needs it outwards.',
  ),
  ...pure(
    'planner-knows-only-the-domain',
    ['planner'],
    ['planner', 'domain', 'errors'],
    'A planner is a pure function: state in, plan or refusal out. Put what it has to know into PlanningInput.',
  ),
  {
    name: 'planner-refuses-with-data',
    severity: 'error',
    comment:
      'A planner returns refuse(CODE, params) and throws nothing: import the type ErrorCode, never the class.',
    from: { path: within('planner') },
    to: { path: within('errors'), dependencyTypesNot: ['type-only'] },
  },
  ...pure(
    'ports-know-only-the-domain',
    ['ports'],
    ['ports', 'domain'],
    'A port is an interface in words of the domain. What implements it is an adapter, in a folder of its own.',
  ),
  {
    name: 'ports-are-types',
    severity: 'error',
    comment:
      'A port has no code that runs, so `import type` is all it needs; the rest belongs in domain or in an adapter.',
    from: { path: within('ports') },
    to: { dependencyTypesNot: ['type-only'] },
  },
  ...pure(
    'errors-know-nothing',
    ['errors'],
    ['errors'],
    'Everybody may throw an OperatorError, so it depends on nobody. Pass facts in as params.',
  ),
  ...pure(
    'verify-uses-ports',
    ['verify'],
    ['verify', 'domain', 'ports', 'errors'],
    'Verification judges what ports answer. Ask a port (Runtime, Prober, Clock) instead of the world.',
  ),
  ...pure(
    'incident-uses-ports',
    ['incident'],
    ['incident', 'domain', 'ports', 'errors'],
    'What is done about an incident reaches the world through ports: ask one (CommandRunner) instead of the world.',
  ),
  ...pure(
    'rehearse-uses-ports',
    ['rehearse'],
    ['rehearse', 'domain', 'ports', 'errors', 'verify'],
    'A rehearsal is played on copies that ports give: ask a port instead of the world.',
  ),
  ...pure(
    'watch-uses-ports',
    ['watch'],
    ['watch', 'domain', 'ports', 'errors'],
    'A watcher weighs what ports tell it and acts through WatchPorts: ask a port instead of the world.',
  ),
  ...pure(
    'outbox-uses-ports',
    ['outbox'],
    ['outbox', 'domain', 'ports', 'errors'],
    'The outbox decides from the journal and hands to sinks through their port: what a sink needs belongs into src/notify.',
  ),
  ...pure(
    'executor-uses-ports',
    ['executor'],
    ['executor', 'domain', 'ports', 'errors', 'verify', 'rehearse', 'planner'],
    'The executor reaches the world through ports. Add what it needs to a port and let wire.ts hand it in (StepPorts, ExecutionPorts).',
  ),
  {
    name: 'executor-runs-plans-and-makes-none',
    severity: 'error',
    comment:
      'The executor gets a finished plan. Import types of the planner at most; planning happens in commands, before anybody confirms.',
    from: { path: within('executor') },
    to: { path: within('planner'), dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'adapter-knows-no-sibling',
    severity: 'error',
    comment:
      'An adapter knows the centre (domain, ports, errors) and its own folder. Pure code that two of them share belongs in domain; behaviour comes in as a port that wire.ts hands over.',
    from: { path: `^src/(${ADAPTERS})/`, pathNot: within('runtimes') },
    to: { path: '^src/', pathNot: '^src/($1|domain|ports|errors)/' },
  },
  {
    name: 'database-parts-share-postgres-only',
    severity: 'error',
    comment:
      'checkpoints, invariants, migrations, rehearsal, restore and salvage each do one thing with a database and do not know each other. What two of them need is in database/postgres, or comes in as a port.',
    from: { path: '^src/database/([^/]+)/' },
    to: { path: '^src/database/', pathNot: '^src/database/($1|postgres)/' },
  },
  {
    name: 'runtime-knows-no-sibling',
    severity: 'error',
    comment:
      'A runtime knows the centre, its own folder, agent-client, the one client of the agent that every runtime shares, and docker, what those on an engine share. Another runtime is a sibling: what both need belongs in one of these.',
    from: { path: '^src/runtimes/([^/]+)/' },
    to: { path: '^src/', pathNot: '^src/(runtimes/$1|agent-client|docker|domain|ports|errors)/' },
  },
  {
    name: 'only-wire-knows-adapters',
    severity: 'error',
    comment:
      'Commands, render and the centre get ports: let wire.ts make the adapter and put it into the Session. (init is the body of one command and is imported by commands/init.ts alone.)',
    from: {
      pathNot: [`^src/(${ADAPTERS})/`, '^src/wire(-database|-docker|-notify|-pm2|-runtime|-watch)?\\.ts$'],
    },
    to: { path: `^src/(${ADAPTERS})/`, pathNot: within('init') },
  },
  {
    name: 'only-the-init-command-uses-init',
    severity: 'error',
    comment:
      'src/init looks at a project that lastgood does not know yet. Anything else reads the configuration it wrote.',
    from: { pathNot: ['^src/init/', '^src/commands/init\\.ts$'] },
    to: { path: within('init') },
  },
  {
    name: 'only-main-wires',
    severity: 'error',
    comment: 'wire.ts is called once, by main.ts. Take what you need from CommandInput or Session instead.',
    from: { pathNot: '^src/(main|wire|wire-docker|wire-pm2)\\.ts$' },
    to: { path: '^src/wire(-database|-docker|-notify|-pm2|-runtime|-watch)?\\.ts$' },
  },
  {
    name: 'centre-does-not-know-its-callers',
    severity: 'error',
    comment:
      'Only main.ts and commands import commands; only they and wire.ts import render and world. Return a value and let the caller print it.',
    from: {
      path: '^src/',
      pathNot: [
        '^src/(commands|render)/',
        '^src/(bin|main|wire|wire-database|wire-docker|wire-notify|wire-pm2|wire-runtime|wire-watch|world|real-world)\\.ts$',
      ],
    },
    to: {
      path: [
        '^src/(commands|render)/',
        '^src/(bin|main|wire|wire-database|wire-docker|wire-notify|wire-pm2|wire-runtime|wire-watch|world|real-world)\\.ts$',
      ],
    },
  },
  {
    name: 'only-command-runner-starts-programs',
    severity: 'error',
    comment:
      'Use the CommandRunner port (ports/command-runner.ts): argument arrays, a whole environment, a time limit, no shell.',
    from: { path: '^src/', pathNot: within('command-runner') },
    to: { path: ['^(node:)?child_process$', '^execa$', 'node_modules/execa/'] },
  },
  {
    name: 'pm2-is-run-never-imported',
    severity: 'error',
    comment:
      'PM2 is AGPL and belongs to the user: run its program through the CommandRunner (docs/decisions/0006).',
    from: {},
    to: { path: ['^pm2($|/)', 'node_modules/pm2/'] },
  },
  {
    name: 'agent-stands-alone',
    severity: 'error',
    comment:
      "The agent is loaded into somebody else's process: Node's built-ins and its own folder, nothing else. Copy a small thing rather than import it.",
    from: { path: within('agent') },
    to: { pathNot: within('agent'), dependencyTypesNot: ['core'] },
  },
  {
    name: 'nobody-imports-the-agent',
    severity: 'error',
    comment: 'The agent runs in the service, lastgood talks to it over its socket: use agent-client.',
    from: { path: '^src/', pathNot: within('agent') },
    to: { path: within('agent') },
  },
  {
    name: 'product-knows-no-tooling',
    severity: 'error',
    comment: 'What is published is src alone. Move shared code into src, or keep it in the lab.',
    from: { path: '^src/' },
    to: { path: '^(lab|test|demo|bench|scripts|examples)/' },
  },
]

export default {
  forbidden,
  options: {
    // A test beside the code may import whatever it needs; it is not part of what is published.
    exclude: { path: '\\.test\\.ts$' },
    doNotFollow: { path: 'node_modules' },
    // An import of a type counts: the rules are about knowledge, not only about code that runs.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.cts', '.mts', '.js', '.cjs', '.mjs', '.json'] },
  },
}
