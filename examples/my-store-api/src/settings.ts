/** Everything the store takes from its environment, read once at boot. */
export type Settings = {
  databaseUrl: string
  host: string
  port: number
  /** How long the ranking service takes to answer a search. */
  searchLatencyMs: number
  logLevel: string
}

export function readSettings(env: NodeJS.ProcessEnv): Settings {
  if (!env.DATABASE_URL)
    throw new Error('DATABASE_URL is not set: postgres://user:password@host:5432/database')
  return {
    databaseUrl: env.DATABASE_URL,
    host: env.HOST || '127.0.0.1',
    port: wholeNumber(env, 'PORT', 3000),
    searchLatencyMs: wholeNumber(env, 'SEARCH_LATENCY_MS', 120),
    logLevel: env.LOG_LEVEL || 'warn',
  }
}

function wholeNumber(env: NodeJS.ProcessEnv, name: string, fallback: number): number {
  const text = env[name]
  if (!text) return fallback
  if (!/^\d+$/.test(text)) throw new Error(`${name} must be a whole number, not "${text}"`)
  return Number(text)
}
