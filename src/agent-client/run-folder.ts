import { createHash } from 'node:crypto'
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import type { ReleaseId } from '../domain/release.ts'
import { OperatorError } from '../errors/operator-error.ts'

/** A Unix socket's path has room for 107 bytes on Linux and 103 elsewhere; the longest name in the folder takes 24. */
const LONGEST_FOLDER = 79

/** One service's folder for the agents' sockets and hold markers. In the home, unless its path is too long for a socket. */
export function runFolderPath(home: string, service: string): string {
  const path = join(home, 'run', service)
  if (Buffer.byteLength(path) <= LONGEST_FOLDER) return path
  const name = createHash('sha256').update(path).digest('hex').slice(0, 12)
  return join(tmpdir(), `lastgood-${userInfo().uid}-${name}`)
}

/** Private to this user: whoever can write here can activate and drain. */
export async function ensureRunFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 })
  const { uid, mode } = await stat(path)
  if (uid !== userInfo().uid || (mode & 0o077) !== 0) {
    throw new OperatorError('HOME_READ_ONLY', { path, detail: 'it belongs to, or is open to, somebody else' })
  }
}

/** While it exists, every process of that release holds its listen() back, also one that is restarted. */
export async function setHold(folder: string, release: ReleaseId): Promise<void> {
  await writeFile(join(folder, `${release}.hold`), '', { mode: 0o600 })
}

export async function clearHold(folder: string, release: ReleaseId): Promise<void> {
  await rm(join(folder, `${release}.hold`), { force: true })
}

/** What a process of the release threw while it booted, as lines; empty where nobody knows. */
export async function readLastWords(folder: string, release: ReleaseId): Promise<string[]> {
  const text = await readFile(lastWordsPath(folder, release), 'utf8').catch(() => '')
  return text.split('\n').filter((line) => line !== '')
}

export async function clearLastWords(folder: string, release: ReleaseId): Promise<void> {
  await rm(lastWordsPath(folder, release), { force: true })
}

function lastWordsPath(folder: string, release: ReleaseId): string {
  return join(folder, `${release}.failed`)
}

/**
 * The part of a run folder that containers share. Whoever the app runs as must be able to make sockets in it, so it is open,
 * inside of a folder that is not.
 */
export async function ensureSharedFolder(runFolder: string): Promise<string> {
  await ensureRunFolder(runFolder)
  const path = sharedFolder(runFolder)
  await mkdir(path, { recursive: true })
  await chmod(path, 0o777)
  return path
}

export const sharedFolder = (runFolder: string): string => join(runFolder, 'c')

export interface AgentSocket {
  release: ReleaseId
  /** In a container: inside of it. */
  pid: number
  /** Short id of the container it is in; null: in none. */
  container: string | null
  control: string
  private: string
}

export async function listSockets(folder: string): Promise<AgentSocket[]> {
  const names = await readdir(folder).catch(() => [])
  return names.flatMap((name) => {
    const [, release, container, pid] = /^(r\d+)-(?:([0-9a-f]{12})-)?(\d+)\.ctl$/.exec(name) ?? []
    if (release === undefined || pid === undefined) return []
    const base = join(folder, name.slice(0, -'.ctl'.length))
    const sockets = { control: `${base}.ctl`, private: `${base}.app` }
    return [{ release, pid: Number(pid), container: container ?? null, ...sockets }]
  })
}

/** What a killed process left behind. */
export async function removeStale(socket: AgentSocket): Promise<void> {
  await rm(socket.control, { force: true })
  await rm(socket.private, { force: true })
}

/** Everything a release has in the folder. */
export async function forgetRelease(folder: string, release: ReleaseId): Promise<void> {
  await clearHold(folder, release)
  await clearLastWords(folder, release)
  for (const socket of await listSockets(folder)) if (socket.release === release) await removeStale(socket)
}

/** What a process that was killed while it started something has left. It holds the environment, secrets included. */
export async function forgetLaunchFiles(folder: string): Promise<void> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.startsWith('start-'))
  for (const name of names) await rm(join(folder, name), { recursive: true, force: true })
}
