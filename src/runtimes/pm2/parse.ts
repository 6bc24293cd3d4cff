/** What matters of one row of `pm2 jlist`. */
export interface Pm2Process {
  /** PM2's own number for it; never given twice while anything runs. */
  id: number
  name: string
  namespace: string
  pid: number
  status: string
  restarts: number
  startedAt: number | null
  cwd: string
  script: string
  mode: 'cluster' | 'fork'
  errorLog: string
  env: Record<string, string>
  args: string[]
  nodeArgs: string[]
  /** Options a person set that are worth keeping when it is started again. */
  options: Record<string, string | number | boolean>
}

/** PM2 may print notices before the list; the list is the last line that is one. Null: there is none. */
export function parseList(stdout: string): Pm2Process[] | null {
  for (const line of stdout.trimEnd().split('\n').reverse()) {
    if (!line.startsWith('[')) continue
    try {
      const rows: unknown = JSON.parse(line)
      if (Array.isArray(rows)) return parseRows(rows)
    } catch {
      // `[PM2] Spawning PM2 daemon ...` begins like a list and is none.
    }
  }
  return null
}

/** The same rows, as the daemon itself gives them. */
export function parseRows(rows: readonly unknown[]): Pm2Process[] {
  return rows.flatMap(parseRow)
}

function parseRow(row: unknown): Pm2Process[] {
  if (!isRecord(row) || !isRecord(row.pm2_env)) return []
  const env = row.pm2_env
  return [
    {
      id: typeof row.pm_id === 'number' ? row.pm_id : -1,
      name: text(row.name),
      namespace: text(env.namespace),
      pid: number(row.pid),
      status: text(env.status),
      restarts: number(env.restart_time),
      startedAt: typeof env.pm_uptime === 'number' ? env.pm_uptime : null,
      cwd: text(env.pm_cwd),
      script: text(env.pm_exec_path),
      mode: text(env.exec_mode).startsWith('cluster') ? 'cluster' : 'fork',
      errorLog: text(env.pm_err_log_path),
      env: environmentOf(env.env),
      args: strings(env.args),
      nodeArgs: strings(env.node_args),
      options: optionsOf(env),
    },
  ]
}

const KEPT_OPTIONS = [
  'max_memory_restart',
  'kill_timeout',
  'max_restarts',
  'min_uptime',
  'exp_backoff_restart_delay',
]

function optionsOf(env: Record<string, unknown>): Pm2Process['options'] {
  return Object.fromEntries(
    KEPT_OPTIONS.flatMap((name) => {
      const value = env[name]
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : []
    }),
  )
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** PM2 keeps the app's variables under `env`; what it adds itself (unique_id, the app's own name) is left out. */
function environmentOf(value: unknown): Record<string, string> {
  if (!isRecord(value)) return {}
  const entries = Object.entries(value).filter(
    ([name, content]) =>
      /^[A-Z_][A-Z0-9_]*$/i.test(name) && (typeof content === 'string' || typeof content === 'number'),
  )
  return Object.fromEntries(entries.map(([name, content]) => [name, String(content)]))
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function number(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}
