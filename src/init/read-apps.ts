import { access } from 'node:fs/promises'
import { join } from 'node:path'
import type { CommandRunner } from '../ports/command-runner.ts'
import type { Findings, FoundApp } from './findings.ts'

/** In the order in which PM2's own documentation prefers them; package.json last. */
const FILES = [
  'ecosystem.config.cjs',
  'ecosystem.config.js',
  'ecosystem.config.mjs',
  'ecosystem.config.json',
  'ecosystem.json',
  'pm2.config.cjs',
  'pm2.config.js',
  'pm2.json',
  'process.json',
  'package.json',
]

const MARK = '--lastgood-apps--'

/**
 * The file is a program, so it is evaluated in a process of its own, which sees nothing of our environment and gives
 * back these few fields: a secret in its `env` never leaves that process.
 */
const PROGRAM = `
const [file] = process.argv.slice(1)
const load = async () => {
  if (!file.endsWith('.json')) {
    const module = await import(require('node:url').pathToFileURL(file).href)
    return module.default ?? module
  }
  // PM2 allows comments in its JSON files, so it evaluates them as well.
  const content = require('node:vm').runInNewContext('(' + require('node:fs').readFileSync(file, 'utf8') + ')')
  return file.endsWith('/package.json') ? { apps: content.pm2?.apps ?? content.apps ?? [] } : content
}
const appsOf = (content) =>
  Array.isArray(content) ? content : content?.pm2 ? appsOf(content.pm2) : content?.apps ? appsOf(content.apps) : [content]
const pick = (app) => ({
  name: app.name ?? null,
  script: app.script ?? app.exec ?? null,
  mode: app.exec_mode ?? app.execMode ?? null,
  instances: app.instances ?? null,
  port: app.env_production?.PORT ?? app.env?.PORT ?? null,
})
load().then(
  (content) => {
    const apps = [appsOf(content)].flat().filter((app) => app && typeof app === 'object').map(pick)
    process.stdout.write('\\n${MARK}' + JSON.stringify(apps), () => process.exit(0))
  },
  (error) => process.stderr.write('\\n${MARK}' + (error?.message ?? error), () => process.exit(1)),
)
`

export interface FoundApps {
  apps: FoundApp[]
  unreadable: Findings['unreadable']
}

/** The PM2 apps of the first file that has any. */
export async function readApps(directory: string, runner: CommandRunner, path: string): Promise<FoundApps> {
  for (const file of FILES) {
    const absolute = join(directory, file)
    if (!(await exists(absolute))) continue
    const result = await runner.run({
      program: process.execPath,
      args: ['-e', PROGRAM, absolute],
      cwd: directory,
      env: { PATH: path },
      timeoutMs: 10_000,
    })
    const [, answer] = (result.exitCode === 0 ? result.stdout : result.stderr).split(MARK)
    if (result.exitCode !== 0 || answer === undefined) {
      const why =
        result.outcome === 'timed-out' ? 'it did not end within 10 s' : answer?.trim().split('\n')[0]
      return { apps: [], unreadable: { file, why: why ?? 'it ended without an answer' } }
    }
    const apps = toApps(JSON.parse(answer), file)
    if (apps.length > 0) return { apps, unreadable: null }
  }
  return { apps: [], unreadable: null }
}

type RawApp = Record<'name' | 'script' | 'mode' | 'instances' | 'port', unknown>

function toApps(raw: RawApp[], file: string): FoundApp[] {
  return raw.flatMap(({ name, script, mode, instances, port }) => {
    const scriptText = typeof script === 'string' ? script.replace(/^\.\//, '') : null
    // PM2 names an app without a name after its script.
    const named = typeof name === 'string' && name !== '' ? name : scriptText?.replace(/^.*\/|\.[^./]*$/g, '')
    if (!named) return []
    const count = Number(instances)
    return {
      file: file === 'package.json' ? null : file,
      name: named,
      script: scriptText,
      mode: /^cluster/.test(String(mode)) || (mode === null && instances !== null) ? 'cluster' : 'fork',
      instances: instances !== null && Number.isInteger(count) && count > 0 ? count : null,
      port: toPort(port),
    }
  })
}

export function toPort(value: unknown): number | null {
  const port = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return typeof port === 'number' && Number.isInteger(port) && port > 0 && port < 65_536 ? port : null
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
