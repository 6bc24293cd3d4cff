import { constants } from 'node:fs'
import { chmod, copyFile, lchown, lstat, mkdir, readdir, readlink, symlink } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { within } from './place-path.ts'

/**
 * Everything but .git, sockets, pipes and the folder `except`. A link that names an absolute place inside is made
 * relative, so that the copy leads into the copy. Owners are kept where that is possible (as root): a file that only
 * the service's user may read must stay readable to it.
 */
export async function copyFolder(
  from: string,
  to: string,
  except: string,
  signal: AbortSignal,
): Promise<void> {
  await copyEntries(from, '.')

  async function copyEntries(root: string, folder: string): Promise<void> {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      signal.throwIfAborted()
      const path = join(folder, entry.name)
      const source = join(root, path)
      if (path === '.git' || source === except) continue
      if (entry.isSymbolicLink()) await copyLink(path)
      else if (entry.isDirectory()) {
        await mkdir(join(to, path))
        await copyEntries(root, path)
        await keepRights(source, join(to, path))
      } else if (entry.isFile()) {
        await copyFile(source, join(to, path), constants.COPYFILE_FICLONE)
        await keepRights(source, join(to, path))
      }
    }
  }

  async function copyLink(path: string): Promise<void> {
    const target = await readlink(join(from, path))
    const inside = isAbsolute(target) ? within(from, target) : null
    const kept = inside === null ? target : relative(dirname(path), inside) || '.'
    await symlink(kept, join(to, path))
  }
}

async function keepRights(source: string, copy: string): Promise<void> {
  const { uid, gid, mode } = await lstat(source)
  if (process.getuid?.() === 0) await lchown(copy, uid, gid)
  await chmod(copy, mode & 0o777)
}
