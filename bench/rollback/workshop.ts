import { join } from 'node:path'
import { type PrivatePm2, preparePm2 } from '../../lab/pm2/private-pm2.ts'
import { runOrFail } from '../../lab/run.ts'
import type { StoreService } from '../../lab/store-service.ts'

/** Where the ways without lastgood work: a PM2 of their own, a port, and folders with the store. */
export type Workshop = {
  store: StoreService
  pm2: PrivatePm2
  port: number
  url: string
  env: Record<string, string>
  folder(...names: string[]): string
  /** A clone of the store's repository at this tag. */
  clone(folder: string, tag: string): Promise<void>
  /** A folder with this release, built; the same one every time. */
  built(tag: string): Promise<string>
  /** What a person would type into a shell in that folder. Fixed text. */
  type(folder: string, commands: string): Promise<void>
  /** Nothing runs under this PM2 any more. */
  clear(): Promise<void>
}

export async function openWorkshop(store: StoreService): Promise<Workshop> {
  const { lab } = store
  const root = join(lab.dir, 'ways')
  const home = join(lab.dir, 'pm2-ways')
  const port = await lab.freePort()
  const pm2 = preparePm2({
    home,
    env: { ...lab.env, PM2_HOME: home },
    onSpawn: ({ pid }) => lab.watch(pid),
  })
  lab.onClose(pm2.kill)
  const env = {
    ...store.env,
    ...pm2.env,
    PATH: `${join(pm2.bin, '..')}:${pm2.env.PATH}`,
    PORT: String(port),
  }
  const folder = (...names: string[]) => join(root, ...names)
  const type = async (cwd: string, commands: string) => {
    const script = `{ ${commands}\n} >>${join(lab.dir, 'ways.log')} 2>&1`
    const { exitCode } = await store.run('sh', ['-c', script], { cwd, env })
    if (exitCode !== 0) throw new Error(`"${commands}" ended with ${exitCode}`)
  }
  const clone = async (into: string, tag: string) => {
    await runOrFail('git', ['clone', '--quiet', store.repo, into], { env })
    await runOrFail('git', ['checkout', '--quiet', tag], { cwd: into, env })
  }
  const copies = new Map<string, Promise<string>>()
  const build = async (tag: string) => {
    const into = folder('built', tag)
    await clone(into, tag)
    await type(into, 'npm ci && npm run build')
    return into
  }
  return {
    store,
    pm2,
    port,
    url: `http://127.0.0.1:${port}`,
    env,
    folder,
    clone,
    type,
    built(tag) {
      const copy = copies.get(tag) ?? build(tag)
      copies.set(tag, copy)
      return copy
    },
    async clear() {
      await pm2.run(['delete', 'all'])
    },
  }
}
