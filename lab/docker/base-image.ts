import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, realpath, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { run } from '../run.ts'
import type { LabEngine } from './start-engine.ts'

/** Users that images have, and programs look for. */
const PASSWD = 'root:x:0:0:root:/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n'
const GROUP = 'root:x:0:\nnode:x:1000:\n'
const HAPROXY_CONFIG = '/usr/local/etc/haproxy/haproxy.cfg'

/**
 * The images that the store is made of, under their usual names, from the programs of this host: there may be no registry
 * within reach. Each is a program with the libraries it is linked to, and a shell.
 */
export async function importImages(engine: LabEngine, dir: string): Promise<void> {
  const { haproxy, caddy } = engine.programs
  await importImage(
    engine,
    join(dir, 'node'),
    'node:20-bookworm-slim',
    [process.execPath, '/bin/sh'],
    ['CMD ["node"]'],
  )
  const command = ['haproxy', '-W', '-db', '-f', HAPROXY_CONFIG]
  await importImage(
    engine,
    join(dir, 'haproxy'),
    'haproxy:2.6',
    [haproxy],
    [`CMD ${JSON.stringify(command)}`],
  )
  if (caddy !== null) await importImage(engine, join(dir, 'caddy'), 'caddy:2', [caddy], [])
}

async function importImage(
  engine: LabEngine,
  root: string,
  name: string,
  programs: string[],
  changes: string[],
): Promise<void> {
  for (const folder of ['etc', 'root', 'home/node', 'run', 'usr/bin', 'usr/sbin', 'bin'])
    await mkdir(join(root, folder), { recursive: true })
  await mkdir(join(root, 'tmp'), { mode: 0o1777 })
  await writeFile(join(root, 'etc/passwd'), PASSWD)
  await writeFile(join(root, 'etc/group'), GROUP)
  for (const program of programs) {
    const target = program === process.execPath ? '/usr/bin/node' : program
    await copyInto(root, program, target)
    for (const library of await librariesOf(program)) await copyInto(root, library, library)
  }
  const path = 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  const args = [path, ...changes].flatMap((change) => ['--change', change])
  await pipe(
    ['tar', '-C', root, '-c', '.'],
    [engine.programs.docker, 'import', ...args, '-', name],
    engine.env,
  )
  await rm(root, { recursive: true })
}

async function copyInto(root: string, source: string, target: string): Promise<void> {
  const path = join(root, target)
  await mkdir(dirname(path), { recursive: true })
  await copyFile(await realpath(source), path)
}

/** `ldd` prints a path for each; a program without any is linked statically. */
async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program], { env: { PATH: process.env.PATH ?? '' } })
  return [...stdout.matchAll(/(?:=> |^\s)(\/\S+)/gm)].flatMap(([, path]) => path ?? [])
}

async function pipe(from: string[], to: string[], env: Record<string, string>): Promise<void> {
  const [fromProgram = '', ...fromArgs] = from
  const [toProgram = '', ...toArgs] = to
  const source = spawn(fromProgram, fromArgs, { env, stdio: ['ignore', 'pipe', 'inherit'] })
  const sink = spawn(toProgram, toArgs, { env, stdio: ['pipe', 'ignore', 'inherit'] })
  source.stdout.pipe(sink.stdin)
  const [code] = await once(sink, 'exit')
  if (code !== 0) throw new Error(`${to.slice(0, 2).join(' ')} ended with ${code}`)
}
