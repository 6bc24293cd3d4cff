import type { HttpCheck } from './http-check.ts'

/** `lastgood.yaml`, checked, with every default filled in and every `${NAME}` replaced. Times in ms. */
export interface Configuration {
  service: string
  /** Where the service answers, as its users reach it from this host. */
  url: string
  source: { repository: string }
  /** Commands, in order, each as its words. */
  build: string[][]
  runtime: RuntimeConfiguration
  env: Record<string, string>
  health: { live: string | null; database: string | null; ready: string | null }
  smoke: HttpCheck[]
  verify: { windowMs: number; everyMs: number; timeoutMs: number }
  bakeMs: number
  standby: 'warm' | 'none'
  drainTimeoutMs: number
  startTimeoutMs: number
  /** How many proven releases retention never touches. */
  keep: number
  /** Folder with one file per migration, relative to the repository; null: not looked at. */
  migrations: string | null
}

export interface RuntimeConfiguration {
  kind: 'pm2'
  /** PM2 app name, as in the ecosystem file. */
  app: string
  /** Read from the release's own checkout when it is built; what is set here wins over it. */
  ecosystem: string | null
  script: string | null
  args: string[] | null
  nodeArgs: string[] | null
  mode: 'cluster' | 'fork' | null
  instances: number | null
  port: number | null
  portVariable: string
  agent: boolean
  /** Program to run; null: looked for in the project's node_modules, then on PATH. */
  program: string | null
  /** PM2_HOME; null: from the environment, else ~/.pm2. */
  home: string | null
}
