import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A file system of its own, of 3 MB, on this folder. Only root can make one: ask {@link canMount} first. */
export function mountSmallDisk(path: string, access: 'rw' | 'ro' = 'rw'): Disposable {
  mkdirSync(path, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=3m,${access}`, 'tmpfs', path], { stdio: 'pipe' })
  return { [Symbol.dispose]: () => execFileSync('umount', ['--lazy', path]) }
}

export function canMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'lastgood-mount-'))
  try {
    mountSmallDisk(folder)[Symbol.dispose]()
    return true
  } catch {
    return false
  } finally {
    rmSync(folder, { recursive: true })
  }
}
