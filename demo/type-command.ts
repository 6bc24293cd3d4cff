import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { LASTGOOD_BIN, type StoreService } from '../lab/store-service.ts'
import type { Traffic } from '../lab/traffic/start-traffic.ts'
import type { Stage } from './stage.ts'
import { statusLine } from './status-line.ts'

type During = { traffic?: Traffic; options?: string[] }

/** As it is typed by hand. */
export function prompt(stage: Stage, args: string[]): void {
  const typed = args.map((arg) => (arg.includes(' ') ? `"${arg}"` : arg)).join(' ')
  stage.line(stage.paint(`$ lastgood ${typed}`, 'cyan'))
}

/** Its own output is left out: another command's is the one to see. */
export async function deploy(
  stage: Stage,
  store: StoreService,
  tag: string,
  { traffic, options = [] }: During = {},
): Promise<void> {
  const args = ['deploy', tag, '--yes', ...options]
  prompt(stage, args)
  const before = traffic?.recent().totals.requests ?? 0
  const draw = (seconds: number) =>
    traffic === undefined ? `  building and starting ... ${seconds} s` : statusLine(stage, traffic.recent())
  const startedAt = Date.now()
  const { serving } = await stage.during(store.document(...args), draw)
  const { text } = serving as { text: string }
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0)
  const shoppers =
    traffic === undefined ? '' : `, ${traffic.recent().totals.requests - before} requests meanwhile`
  stage.line(`  ${stage.paint('✓', 'green')} ${text}`)
  stage.line(stage.paint(`    after ${seconds} s${shoppers}`, 'dim'))
}

/** With all its output. */
export async function show(stage: Stage, store: StoreService, args: string[]): Promise<number> {
  prompt(stage, args)
  const { TERM = 'dumb', NO_COLOR } = process.env
  const look = { TERM, ...(NO_COLOR === undefined ? {} : { NO_COLOR }) }
  const child = spawn(process.execPath, [LASTGOOD_BIN, ...args], {
    cwd: store.repo,
    env: { ...store.env, ...look },
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  store.lab.onClose(() => child.kill('SIGKILL'))
  const [code, signal] = await once(child, 'exit')
  if (typeof code !== 'number') throw new Error(`lastgood ${args[0]} was ended by ${signal}`)
  return code
}
