/** One app of an ecosystem file, under PM2's own option names. */
export type EcosystemApp = Record<string, unknown>

/** PM2 takes these names for one and the same. */
const sameAs: Record<string, string> = {
  exec: 'script',
  exec_interpreter: 'interpreter',
  interpreter_args: 'node_args',
  out: 'out_file',
  output: 'out_file',
  out_log: 'out_file',
  error: 'error_file',
  err: 'error_file',
  err_file: 'error_file',
  err_log: 'error_file',
  log: 'log_file',
  pid: 'pid_file',
  cron: 'cron_restart',
  combine_logs: 'merge_logs',
  user: 'uid',
}

/** Finds the apps in whatever form the file has: `{apps}`, `{pm2: {apps}}`, a list, or one app. */
export function readApps(content: unknown): EcosystemApp[] {
  if (!isRecord(content) && !Array.isArray(content)) return []
  if (Array.isArray(content)) return content.filter(isRecord).map(normalise)
  if (isRecord(content.pm2)) return readApps(content.pm2)
  if (content.apps !== undefined) return readApps(content.apps)
  return [normalise(content)]
}

/** PM2 names an app without a name after its script. */
export function appName(app: EcosystemApp): string {
  if (typeof app.name === 'string') return app.name
  const file = typeof app.script === 'string' ? (app.script.split('/').at(-1) ?? '') : ''
  return file.replace(/\.[^.]*$/, '')
}

/** Splits a line of arguments as PM2 does: at spaces, but not within quotes. */
export function splitArguments(value: unknown): string[] {
  if (Array.isArray(value)) return value.map(String)
  if (typeof value !== 'string') return []
  const words = value.match(/[^\s"'=]+="[^"]*"|[^\s"'=]+='[^']*'|"[^"]*"|'[^']*'|\S+/g) ?? []
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2')).filter((word) => word.trim() !== '')
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function normalise(app: Record<string, unknown>): EcosystemApp {
  const named = Object.entries(app).map(([key, value]) => [optionName(key), value] as const)
  return Object.fromEntries(named)
}

function optionName(key: string): string {
  // Keys of other cases (`env_STAGING`) are not option names.
  const snake = /^[a-z]+([A-Z][a-z]*)+$/.test(key) ? key.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`) : key
  return sameAs[snake] ?? snake
}
