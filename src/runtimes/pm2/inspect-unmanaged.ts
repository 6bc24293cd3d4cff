import { readFile, realpath } from 'node:fs/promises'
import { relative } from 'node:path'
import type { Unmanaged } from '../../ports/runtime.ts'
import type { Pm2Process } from './parse.ts'
import type { Pm2Context } from './pm2-context.ts'

/** The service as somebody started it by hand, read from what runs, not from a file that may say something else. */
export async function inspectUnmanaged(
  context: Pm2Context,
  portVariable: string,
  fallbackPort: number,
): Promise<Unmanaged | null> {
  const running = (await context.program.list()).filter(
    ({ name, status }) => name === context.app && status === 'online',
  )
  const [first] = running
  if (first === undefined) return null
  const directory = await realpath(first.cwd)
  const env = await environmentOf(first)
  const script = relative(directory, await realpath(first.script))
  const port = Number(env[portVariable]) || fallbackPort
  return {
    unit: first.name,
    summary: `${script} (${first.mode} mode, ${running.length} instances, port ${port})`,
    directory,
    env,
    instances: running.length,
    settings: {
      kind: 'pm2',
      app: context.app,
      script,
      args: first.args,
      nodeArgs: first.nodeArgs,
      mode: first.mode,
      instances: running.length,
      port,
      portVariable,
      agent: true,
      options: first.options,
    },
  }
}

/**
 * PM2's copy of the app's variables. In fork mode the process itself is asked where the system allows it: what it was
 * really started with, variables included that PM2 was only passing on.
 */
async function environmentOf(process: Pm2Process): Promise<Record<string, string>> {
  const own =
    process.mode === 'fork' ? await readFile(`/proc/${process.pid}/environ`, 'utf8').catch(() => '') : ''
  const pairs = own.split('\0').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 ? [[pair.slice(0, at), pair.slice(at + 1)] as const] : []
  })
  const all = { ...Object.fromEntries(pairs), ...process.env }
  return Object.fromEntries(Object.entries(all).filter(([name]) => !isPm2s(name)))
}

/** Variables PM2 adds for itself; handed to a new start they would confuse it. */
function isPm2s(name: string): boolean {
  return (
    /^(PM2_|pm_|axm_|NODE_APP_INSTANCE$|NODE_CHANNEL_|NODE_UNIQUE_ID$)/.test(name) ||
    (/^[a-z]/.test(name) && !/^(npm_config_|http_proxy$|https_proxy$|no_proxy$)/.test(name))
  )
}
