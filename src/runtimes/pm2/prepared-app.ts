import { isAbsolute, join } from 'node:path'
import type { ProcessFile } from './commands.ts'

/** Options that PM2's command hands on as they are. */
const PLAIN = ['kill_timeout', 'max_restarts', 'exp_backoff_restart_delay', 'listen_timeout', 'restart_delay']
/** Options that it turns into a number first. */
const SIZES: Record<string, number> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 }
const TIMES: Record<string, number> = { '': 1, s: 1_000, m: 60_000, h: 3_600_000 }
const OURS = [
  'name',
  'namespace',
  'script',
  'cwd',
  'args',
  'exec_mode',
  'instances',
  'node_args',
  'env',
  'filter_env',
  'merge_logs',
  'out_file',
  'error_file',
  'autorestart',
  'wait_ready',
  'vizion',
  'watch',
]

export type PreparedApp = Record<string, unknown> & { pm_out_log_path: string; pm_err_log_path: string }

/**
 * What the command `pm2 start FILE` makes of a process file before it asks the daemon to start it: every path resolved,
 * every default filled in. Null when the file has an option that is not known here; then the command itself is run.
 * @param home PM2_HOME
 */
export function preparedApp(file: ProcessFile, home: string, username: string): PreparedApp | null {
  const [app] = file.apps
  const { script, out_file: outFile, error_file: errorFile } = app
  // PM2 chooses an interpreter by the name, and resolves a path, in ways of its own.
  if (![script, outFile, errorFile].every((path) => typeof path === 'string' && isAbsolute(path))) return null
  if (!/\.[cm]?js$/.test(String(script))) return null
  const options: Record<string, number> = {}
  for (const [name, value] of Object.entries(app)) {
    if (OURS.includes(name)) continue
    const converted = convert(name, value)
    if (converted === null) return null
    options[name] = converted
  }
  return {
    name: app.name,
    namespace: app.namespace,
    cwd: app.cwd,
    args: app.args,
    node_args: app.node_args,
    filter_env: app.filter_env,
    instances: app.instances,
    merge_logs: app.merge_logs,
    vizion: app.vizion,
    watch: app.watch,
    ...options,
    env: { ...(app.env as Record<string, string>), PM2_HOME: home, [app.name]: '{}' },
    autostart: true,
    autorestart: app.autorestart ?? true,
    exec_mode: app.exec_mode === 'cluster' ? 'cluster_mode' : 'fork_mode',
    instance_var: 'NODE_APP_INSTANCE',
    pmx: true,
    automation: true,
    treekill: true,
    username,
    windowsHide: true,
    kill_retry_time: 100,
    pm_exec_path: script,
    pm_cwd: app.cwd,
    exec_interpreter: 'node',
    pm_out_log_path: String(outFile),
    pm_err_log_path: String(errorFile),
    pm_pid_path: join(home, 'pids', `${app.name.replace(/[^a-zA-Z0-9.-]/g, '-')}.pid`),
    km_link: false,
  }
}

function convert(name: string, value: unknown): number | null {
  if (PLAIN.includes(name)) return typeof value === 'number' ? value : null
  if (name === 'max_memory_restart') return scaled(value, /^(\d+)([KMG]?)$/, SIZES)
  if (name === 'min_uptime') return scaled(value, /^(\d+)([smh]?)$/, TIMES)
  return null
}

function scaled(value: unknown, form: RegExp, units: Record<string, number>): number | null {
  const [, digits, unit = ''] = form.exec(String(value)) ?? []
  return digits === undefined ? null : Number(digits) * (units[unit] ?? 1)
}
