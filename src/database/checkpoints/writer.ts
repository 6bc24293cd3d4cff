import { randomBytes } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../errors/operator-error.ts'
import { WRITER } from './checkpoint-paths.ts'

/** The process that writes a checkpoint. */
export interface Writer {
  pid: number
  /** When it began, as the system counts; null where the system does not say. A pid alone is given out again. */
  started: string | null
  /** application_name of the sessions that dump or copy: they live on for a while when it is killed. */
  application: string
  /** The database that it makes; null: it makes a dump. */
  template: string | null
}

/** The name tells whose it is, should we be killed before the next line. */
const CLAIM = /^\.claim-(\d+)-[0-9a-f]+$/

/**
 * Makes the partial folder with its writer in it, in one step: seen from outside it is never without one.
 * @param nameTemplate of the database that it will make, from what no other writer has; null: it makes a dump
 * @returns null when another process is writing this very checkpoint
 */
export async function claimFolder(
  folder: string,
  partial: string,
  id: string,
  nameTemplate: ((token: string) => string) | null,
): Promise<Writer | null> {
  const random = randomBytes(4).toString('hex')
  const writer = {
    pid: process.pid,
    started: await startOf(process.pid),
    application: `lastgood dump ${id} ${random}`,
    template: nameTemplate?.(random) ?? null,
  }
  const claim = join(folder, `.claim-${process.pid}-${random}`)
  await mkdir(claim, { mode: 0o700 })
  await writeFile(join(claim, WRITER), JSON.stringify(writer), { mode: 0o600 })
  try {
    await rename(claim, partial)
    return writer
  } catch (error) {
    await rm(claim, { recursive: true, force: true })
    if (systemCode(error) === 'ENOTEMPTY' || systemCode(error) === 'EEXIST') return null
    throw error
  }
}

/** Null: nobody, as far as can be read. */
export async function writerOf(folder: string): Promise<Writer | null> {
  try {
    const { pid, started, application, template } = JSON.parse(await readFile(join(folder, WRITER), 'utf8'))
    return {
      pid: Number(pid),
      started: started ?? null,
      application: String(application),
      template: template ?? null,
    }
  } catch {
    return null
  }
}

export async function isWriting(writer: Writer | null): Promise<boolean> {
  if (writer === null || !isAlive(writer.pid)) return false
  return (await startOf(writer.pid)) === writer.started
}

export function isAbandonedClaim(name: string): boolean {
  const pid = CLAIM.exec(name)?.[1]
  return pid !== undefined && !isAlive(Number(pid))
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}

/** The 22nd field of /proc/PID/stat; the second may hold spaces and parentheses. */
async function startOf(pid: number): Promise<string | null> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  return line?.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null
}
