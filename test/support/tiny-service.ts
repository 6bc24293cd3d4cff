import { type ChildProcess, execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Database from 'libsql'
import { type Lab, openLab } from '../../lab/open-lab.ts'
import type { PrivatePm2 } from '../../lab/pm2/private-pm2.ts'
import { journalFile } from '../../src/journal/open-database.ts'

const exec = promisify(execFile)
/** LASTGOOD_BIN tries another build than the one in dist. */
const BIN = process.env.LASTGOOD_BIN ?? fileURLToPath(new URL('../../dist/lastgood.cjs', import.meta.url))

export interface Ran {
  exit: number
  stdout: string
  stderr: string
  /** The --json document, where one was asked for. */
  json: Record<string, unknown>
}

/** A service without dependencies, so that a deploy takes two seconds: real git, real PM2, the real program. */
export interface TinyService {
  lab: Lab
  /** The git repository. */
  repo: string
  home: string
  port: number
  url: string
  /**
   * Commits a version of the app: `flaw` is what is wrong with it; `files` come on top. Returns the commit. Also tags it
   * with its version.
   */
  commit(version: string, flaw?: Flaw | null, files?: Record<string, string>): Promise<string>
  /** Runs the program; never throws. `at`: a crash point. */
  lastgood(args: readonly string[], options?: RunOptions): Promise<Ran>
  /** Begins it and does not wait: `ended` has the outcome. */
  begin(args: readonly string[]): { child: ChildProcess; ended: Promise<Ran> }
  /** With --json; throws when it did not exit with 0. */
  ok(...args: string[]): Promise<Ran>
  /** What the service answers at its address: `{ version, release, env }`, or null. */
  answer(path?: string): Promise<Record<string, unknown> | null>
  /** Rewrites lastgood.yaml with these lines changed. */
  configure(changes: Partial<Settings>): Promise<void>
  /** As if the time of a killed process's lease had passed. */
  expireLease(): void
  close(): Promise<void>
}

interface RunOptions {
  at?: string
  env?: Record<string, string>
  cwd?: string
}

export interface Settings {
  mode: 'cluster' | 'fork'
  instances: number
  agent: boolean
  standby: 'none' | 'warm'
  bake: string
  window: string
  startTimeout: string
  drainTimeout: string
  keep: number
  /** Variables of the service. */
  env?: Record<string, string>
  /** Default: index.mjs. */
  script?: string
  ecosystem?: string
  /** Where images are pushed to. */
  registry?: string | undefined
  /** More lines of the file, as they are. */
  extra: string
}

export type Flaw =
  | 'crash-on-boot'
  | 'never-listens'
  | 'never-ready'
  | 'errors'
  /** Healthy in private; sick as soon as it listens: only the verification after the switch sees it. */
  | 'sick-in-public'
  | 'sick-after-a-minute'
  | 'build'

const DEFAULTS: Settings = {
  mode: 'cluster',
  instances: 2,
  agent: true,
  standby: 'none',
  bake: '250ms',
  window: '300ms',
  startTimeout: '60s',
  drainTimeout: '5s',
  keep: 5,
  extra: '',
}

/** What runs it. */
export interface TinyHost {
  port: number
  /** Where it answers; absent: 127.0.0.1. */
  address?: string
  /** Put before every command of lastgood: it runs in the network of a host of its own. */
  beside?: () => string[]
  env: Record<string, string>
  /** `runtime` of lastgood.yaml, and the build before it. */
  runtime(settings: Settings): {
    build: string
    runtime: Record<string, unknown>
    env: Record<string, string>
  }
  /** In every commit. */
  files: Record<string, string>
  /** Once the first files are there. */
  open(repo: string): Promise<void>
}

/** `daemonEnv`: what PM2's daemon finds in its environment beside the usual. */
export async function openTinyService(
  name: string,
  settings: Partial<Settings> = {},
  daemonEnv: Record<string, string> = {},
): Promise<TinyService> {
  return openTinyServiceOn(await openLab({ name }), (lab) => hostOnPm2(lab, daemonEnv), settings)
}

async function hostOnPm2(lab: Lab, daemonEnv: Record<string, string>): Promise<TinyHost> {
  const pm2 = lab.pm2()
  const port = await lab.freePort()
  return {
    port,
    env: pm2.env,
    runtime: ({ script, ecosystem, mode, instances, agent }) => ({
      build: '[node build.mjs]',
      runtime: {
        kind: 'pm2',
        app: 'tiny',
        script: script ?? 'index.mjs',
        ecosystem: ecosystem ?? null,
        mode,
        instances,
        port,
        agent,
        program: pm2.bin,
        home: pm2.home,
      },
      env: { PORT: String(port) },
    }),
    files: {},
    open: () => startDaemon(pm2, daemonEnv),
  }
}

export async function openTinyServiceOn(
  lab: Lab,
  hostOn: (lab: Lab) => Promise<TinyHost>,
  settings: Partial<Settings> = {},
): Promise<TinyService> {
  const repo = join(lab.dir, 'app')
  const home = join(lab.dir, 'home')
  const host = await hostOn(lab)
  const { port } = host
  const url = urlOf(host)
  const env = { ...host.env, ...lab.env, LASTGOOD_HOME: home }
  let current = { ...DEFAULTS, ...settings }

  await mkdir(repo, { recursive: true })
  const git = (...args: string[]) =>
    exec(
      'git',
      ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false', ...args],
      {
        cwd: repo,
      },
    )
  await git('init', '-q', '-b', 'main')
  const configure = async (changes: Partial<Settings>) => {
    current = { ...current, ...changes }
    await writeFile(join(repo, 'lastgood.yaml'), configuration(current, host))
  }
  await configure({})
  await host.open(repo)

  const begin = (args: readonly string[], options: RunOptions = {}): ReturnType<TinyService['begin']> => {
    const crash = options.at === undefined ? {} : { LASTGOOD_CRASH_AT: options.at }
    const [program = '', ...words] = [...(host.beside?.() ?? []), process.execPath, BIN, ...args]
    const running = exec(program, words, {
      cwd: options.cwd ?? repo,
      env: { ...env, ...crash, ...options.env },
      maxBuffer: 64e6,
    })
    const ended = running.then(
      ({ stdout, stderr }) => ({ exit: 0, stdout, stderr }),
      (error: { code?: unknown; stdout: string; stderr: string }) => ({
        exit: typeof error.code === 'number' ? error.code : 137,
        stdout: error.stdout,
        stderr: error.stderr,
      }),
    )
    const withJson = ended.then((ran) => ({ ...ran, json: args.includes('--json') ? parse(ran.stdout) : {} }))
    return { child: running.child, ended: withJson }
  }
  const lastgood: TinyService['lastgood'] = (args, options) => begin(args, options).ended
  return {
    lab,
    repo,
    home,
    port,
    url,
    lastgood,
    begin,
    configure,
    async commit(version, flaw, files = {}) {
      const all = { ...sources(version, flaw ?? null), ...host.files, ...files }
      for (const [file, content] of Object.entries(all)) {
        await writeFile(join(repo, file), content)
      }
      await git('add', ...Object.keys(all))
      await git('commit', '-q', '-m', `Version ${version}`)
      await git('tag', `v${version}`)
      return (await git('rev-parse', 'HEAD')).stdout.trim()
    },
    async ok(...args) {
      const ran = await lastgood([...args, '--json'])
      if (ran.exit === 0) return ran
      throw new Error(`lastgood ${args.join(' ')} ended with ${ran.exit}:\n${ran.stdout}\n${ran.stderr}`)
    },
    async answer(path = '/') {
      try {
        const response = await fetch(url + path, { headers: { connection: 'close' } })
        return (await response.json()) as Record<string, unknown>
      } catch {
        return null
      }
    },
    expireLease() {
      const db = new Database(journalFile(home))
      db.exec('UPDATE leases SET expires_at = 0')
      db.close()
    },
    close: () => lab.close(),
  }
}

async function startDaemon(pm2: PrivatePm2, env: Record<string, string>): Promise<void> {
  // The lab's own first command would start it without.
  if (Object.keys(env).length > 0) await exec(pm2.bin, ['ping'], { env: { ...pm2.env, ...env } })
  await pm2.run(['ping'])
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

const urlOf = ({ address = '127.0.0.1', port }: TinyHost) => `http://${address}:${port}`

function configuration(settings: Settings, host: TinyHost): string {
  const { build, runtime, env } = host.runtime(settings)
  return `service: tiny
url: ${urlOf(host)}
build: ${build}
runtime: ${JSON.stringify(runtime)}
env: ${JSON.stringify({ ...env, ...settings.env })}
health: { live: /health, ready: /ready }
smoke: [GET /]
verify: { window: ${settings.window}, every: 100ms, timeout: 20s }
start: { timeout: ${settings.startTimeout} }
drain: { timeout: ${settings.drainTimeout} }
bake: ${settings.bake}
standby: ${settings.standby}
keep: ${settings.keep}
${settings.extra}
`
}

function sources(version: string, flaw: Flaw | null): Record<string, string> {
  const manifest = { name: 'tiny', version, type: 'module' }
  return {
    'package.json': JSON.stringify(manifest, null, 2),
    'package-lock.json': JSON.stringify(
      { ...manifest, lockfileVersion: 3, packages: { '': manifest } },
      null,
      2,
    ),
    'build.mjs': flaw === 'build' ? `console.error('no such type'); process.exit(2)\n` : '',
    'index.mjs': `import { createServer } from 'node:http'
const flaw = ${JSON.stringify(flaw)}
if (flaw === 'crash-on-boot') throw new Error('a file is missing')
let open = false
let sickAt = Infinity
const server = createServer((request, response) => {
  const late = Date.now() >= sickAt
  const sick = late || flaw === 'errors' && request.url === '/' && !request.headers['user-agent']?.includes('lastgood')
  const unready = (late || flaw === 'never-ready' || (flaw === 'sick-in-public' && open)) && request.url === '/ready'
  response.statusCode = sick ? 500 : unready ? 503 : 200
  response.setHeader('content-type', 'application/json')
  const names = Object.keys(process.env)
  const answer = { version: ${JSON.stringify(version)}, release: process.env.LASTGOOD_RELEASE ?? null, pid: process.pid, names }
  const [, path, ms] = /^\\/(slow|search)(?:\\/(\\d+))?/.exec(request.url) ?? []
  response.setHeader('x-version', ${JSON.stringify(version)})
  response.setHeader('x-release', process.env.LASTGOOD_RELEASE ?? 'none')
  const delay = path === undefined ? 0 : Number(ms ?? 300)
  setTimeout(() => response.end(JSON.stringify(answer)), delay)
})
server.on('listening', () => { open = true })
if (flaw === 'sick-after-a-minute') server.on('listening', () => { sickAt = Date.now() + 60_000 })
if (flaw === 'never-listens') setInterval(() => {}, 1000)
else server.listen(Number(process.env.PORT), process.env.HOST ?? '127.0.0.1')
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => server.close(() => process.exit(0)))
`,
  }
}
