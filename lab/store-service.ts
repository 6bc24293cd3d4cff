import { existsSync } from 'node:fs'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { makeStoreHistory } from './history/make-store-history.ts'
import type { Lab } from './open-lab.ts'
import { endTree } from './reaper/ending.mjs'
import { type Identity, identify } from './reaper/process-table.mjs'
import { type Ran, type RunOptions, run } from './run.ts'

/** What is different from one use of the store to the next; the rest of its lastgood.yaml is always the same. */
export type StoreSettings = {
  standby: 'none' | 'warm'
  /** The data goes along: checkpoints, rehearsals, migrations. */
  database: boolean
  /** Whether a release is built as in real life, or in a tenth of the time: its packages are the repository's, its types go unchecked. */
  install: 'npm ci' | 'copy'
  /** How long connections may wait for a template before a deploy; null: dumps. */
  templatePause: string | null
  instances: number
  /** Far shorter than in real life, so that a demo or a test does not take ten minutes. */
  window: string
  /** What a check may take. */
  timeout: string
  bake: string
  /** Without /products: some bad releases break a part of it, and are meant to get out. */
  smoke: string[]
  /** `watch:` of lastgood.yaml; what it does not say has its default. */
  watch: Record<string, unknown>
  /** Sections that have no place of their own here: `notify`, `contacts`, ... */
  more: Record<string, unknown>
}

/** What a shopper does: log in, search, check out. It leaves nothing behind. */
export const CHECK_OUT = {
  name: 'check out',
  every: '1s',
  steps: [
    {
      method: 'POST',
      path: '/login',
      body: { email: 'user50@example.com', password: 'secret50' },
      save: { token: 'token' },
    },
    { path: '/search?q=lamp', save: { product: '0.id' } },
    {
      method: 'POST',
      path: '/checkout',
      requestHeaders: { authorization: 'Bearer {token}' },
      body: { items: [{ productId: '{product}', quantity: 1 }] },
      status: 201,
      save: { order: 'orderId' },
    },
  ],
  cleanup: [
    { method: 'DELETE', path: '/orders/{order}', requestHeaders: { authorization: 'Bearer {token}' } },
    { method: 'DELETE', path: '/session', requestHeaders: { authorization: 'Bearer {token}' } },
  ],
}

/** Broken by `bad-corrupt`, which writes prices in euros into the column of cents. */
export const PRICES_ADD_UP = {
  name: 'prices add up',
  every: '1s',
  sql: `select count(*) from orders where total_cents <>
    (select coalesce(sum(quantity * price_cents), 0) from order_items where order_id = orders.id)`,
}

export type StoreService = {
  lab: Lab
  /** The store's git repository: the releases are tags, the tools of its migrations are installed. */
  repo: string
  /** LASTGOOD_HOME */
  home: string
  port: number
  url: string
  databaseUrl: string
  /** What the store, lastgood and PM2 find in their environment. */
  env: Record<string, string>
  /** Rewrites lastgood.yaml. */
  configure(changes: Partial<StoreSettings>): Promise<void>
  /** Runs a program in the store's environment; what is not done when the lab is closed is ended. */
  run(file: string, args: string[], options?: RunOptions): Promise<Ran>
  /** Runs the built program in the repository. A refusal is an answer. */
  lastgood(...args: string[]): Promise<Ran>
  /** The same, where anything but success is the end. Returns the --json document. */
  document(...args: string[]): Promise<Record<string, unknown>>
  /** Whether /health/ready answers 200. */
  healthy(): Promise<boolean>
}

/** The built program; what runs it builds it first (see package.json). */
export const LASTGOOD_BIN = fileURLToPath(new URL('../dist/lastgood.cjs', import.meta.url))

const ESBUILD = fileURLToPath(new URL('../node_modules/.bin/esbuild', import.meta.url))

const DEFAULTS: StoreSettings = {
  standby: 'none',
  database: false,
  install: 'npm ci',
  templatePause: null,
  instances: 2,
  window: '1500ms',
  timeout: '2s',
  bake: '3s',
  smoke: ['GET /categories'],
  watch: {},
  more: {},
}

/** What runs the store: its part of lastgood.yaml, and what the store's own environment must say for it. */
export type StoreHost = {
  port: number
  /** As the store reaches it; the lab's own connection is another one where containers cannot use it. */
  databaseUrl: string
  env: Record<string, string>
  /** Variables of the service. */
  serviceEnv: Record<string, string>
  runtime(settings: StoreSettings): Record<string, unknown>
  /** Once the repository is there. */
  open(repo: string): Promise<void>
}

/** PM2, with an app in cluster mode. */
async function hostOnPm2(lab: Lab): Promise<StoreHost> {
  const pm2 = lab.pm2()
  const [postgres, port] = await Promise.all([lab.postgres(), lab.freePort(), pm2.run(['ping'])])
  await postgres.createDatabase('store')
  return {
    port,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: lastgood puts the value in
    databaseUrl: '${DATABASE_URL}',
    env: pm2.env,
    serviceEnv: { PORT: String(port), HOST: '127.0.0.1' },
    runtime: ({ instances }) => ({
      app: 'my-store-api',
      ecosystem: 'ecosystem.config.cjs',
      instances,
      port,
      program: pm2.bin,
      home: pm2.home,
    }),
    open: async () => {},
  }
}

/** The example store, ready for its first deploy: repository, private PostgreSQL with schema and goods, what runs it, lastgood.yaml. */
export async function openStoreService(
  lab: Lab,
  settings: Partial<StoreSettings> = {},
  hostOn: (lab: Lab) => Promise<StoreHost> = hostOnPm2,
): Promise<StoreService> {
  const repo = join(lab.dir, 'store')
  const home = join(lab.dir, 'home')
  const [host] = await Promise.all([hostOn(lab), makeStoreHistory(repo)])
  const { port } = host
  const databaseUrl = (await lab.postgres()).url('store')
  const env = {
    ...npmSettings(),
    ...host.env,
    ...lab.env,
    LASTGOOD_HOME: home,
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: String(port),
  }
  const runHere = endedWithLab(lab, { cwd: repo, env, timeoutMs: 240_000 })
  await Promise.all([fillDatabase((...args) => runHere('npm', args)), host.open(repo)])

  let current = { ...DEFAULTS, ...settings }
  const packages = join(lab.dir, 'packages')
  const configure: StoreService['configure'] = async (changes) => {
    current = { ...current, ...changes }
    if (current.install === 'copy' && !existsSync(packages)) await keepPackages(repo, packages, runHere)
    await writeFile(join(repo, 'lastgood.yaml'), configuration(current, packages, host))
  }
  await configure({})
  const url = `http://127.0.0.1:${port}`
  const lastgood: StoreService['lastgood'] = (...args) => runHere(process.execPath, [LASTGOOD_BIN, ...args])
  return {
    lab,
    repo,
    home,
    port,
    url,
    databaseUrl,
    env,
    configure,
    run: runHere,
    lastgood,
    async document(...args) {
      const { exitCode, stdout, stderr } = await lastgood(...args, '--json')
      if (exitCode === 0) return JSON.parse(stdout)
      throw new Error(`"lastgood ${args.join(' ')}" ended with ${exitCode}\n${explain(stdout)}${stderr}`)
    },
    healthy: () =>
      fetch(`${url}/health/ready`, { headers: { connection: 'close' } }).then(
        ({ ok }) => ok,
        () => false,
      ),
  }
}

/** The refusal's own words, where it is one. */
function explain(stdout: string): string {
  try {
    const { message, details = [] } = JSON.parse(stdout)
    return [message, ...details].join('\n')
  } catch {
    return stdout
  }
}

/** With the store's own scripts, as its README says. All good releases can use the schema of the newest. */
async function fillDatabase(npm: (...args: string[]) => Promise<Ran>): Promise<void> {
  for (const args of [['ci'], ['run', 'db:migrate:up'], ['run', 'db:seed']]) {
    const { exitCode, stdout, stderr } = await npm(...args)
    if (exitCode !== 0) throw new Error(`"npm ${args.join(' ')}" ended with ${exitCode}\n${stderr || stdout}`)
  }
}

/** What a release needs to run, and nothing that it is only built with: all commits have the same packages. */
async function keepPackages(repo: string, packages: string, run: StoreService['run']): Promise<void> {
  await mkdir(packages)
  for (const name of ['package.json', 'package-lock.json', 'node_modules'])
    await cp(join(repo, name), join(packages, name), { recursive: true, verbatimSymlinks: true })
  const { exitCode, stdout, stderr } = await run('npm', ['prune', '--omit=dev'], { cwd: packages })
  if (exitCode !== 0) throw new Error(`"npm prune" ended with ${exitCode}\n${stderr || stdout}`)
}

/** A deploy that is told to stop first puts back what it began: when the lab goes, nobody waits for that. */
function endedWithLab(lab: Lab, defaults: RunOptions): StoreService['run'] {
  const running = new Map<number, Identity>()
  lab.onClose(() => Promise.all([...running.values()].map((each) => endTree(each))))
  return async (file, args, options = {}) => {
    let pid = 0
    const onSpawn = (spawned: number) => {
      pid = spawned
      const identity = identify(spawned)
      if (identity) running.set(spawned, identity)
    }
    return run(file, args, { ...defaults, ...options, onSpawn }).finally(() => running.delete(pid))
  }
}

/** HOME is the lab's; npm goes on using the user's registry, certificates and cache. */
function npmSettings(): Record<string, string> {
  const network = /^(npm_config_(registry|globalconfig)|(https?|no|all)_proxy|node_extra_ca_certs)$/i
  const found = Object.entries(process.env).filter(([name]) => network.test(name))
  return {
    ...(Object.fromEntries(found) as Record<string, string>),
    npm_config_userconfig: process.env.npm_config_userconfig ?? join(homedir(), '.npmrc'),
    npm_config_cache: process.env.npm_config_cache ?? join(homedir(), '.npm'),
    npm_config_prefer_offline: 'true',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    npm_config_logs_max: '0',
  }
}

function configuration(settings: StoreSettings, packages: string, host: StoreHost): string {
  const bundle = '--bundle --packages=external --platform=node --format=esm --outfile=dist/index.js'
  const build =
    settings.install === 'copy'
      ? [`cp -a ${packages}/node_modules .`, `${ESBUILD} src/index.ts ${bundle} --log-level=warning`]
      : ['npm ci', 'npm run build', 'npm prune --omit=dev']
  const file = {
    service: 'my-store-api',
    url: `http://127.0.0.1:${host.port}`,
    build,
    runtime: host.runtime(settings),
    env: { DATABASE_URL: host.databaseUrl, ...host.serviceEnv },
    health: { live: '/health', database: '/health/db', ready: '/health/ready' },
    smoke: settings.smoke,
    verify: { window: settings.window, timeout: settings.timeout },
    bake: settings.bake,
    standby: settings.standby,
    ...(settings.database ? { database: databaseSection(settings) } : {}),
    watch: settings.watch,
    ...settings.more,
  }
  // JSON is YAML.
  return `${JSON.stringify(file, null, 2)}\n`
}

function databaseSection({ templatePause }: StoreSettings) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: lastgood puts the value in
  return { url: '${DATABASE_URL}', checkpoints: { templatePause } }
}
