import { createHash } from 'node:crypto'
import { access, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runOrFail } from '../../lab/run.ts'
import { systemCode } from '../../src/errors/operator-error.ts'

const FIXTURES = fileURLToPath(new URL('../fixtures/migration-tools', import.meta.url))
const CACHE = fileURLToPath(new URL('../../node_modules/.cache/migration-tools', import.meta.url))

/** The real packages, installed once for every test that needs them. Returns their node_modules. */
export async function installMigrationTools(): Promise<string> {
  const lock = await readFile(join(FIXTURES, 'package-lock.json'))
  const folder = join(CACHE, createHash('sha256').update(lock).digest('hex').slice(0, 12))
  const modules = join(folder, 'node_modules')
  if (await isThere(modules)) return modules
  const beside = `${folder}.${process.pid}`
  await mkdir(beside, { recursive: true })
  for (const file of ['package.json', 'package-lock.json']) await cp(join(FIXTURES, file), join(beside, file))
  const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']))
  try {
    await runOrFail('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: beside,
      env,
      timeoutMs: 280_000,
    })
    await rename(beside, folder).catch((error: unknown) => {
      // Another worker may have been quicker; its folder is as good as ours.
      if (systemCode(error) !== 'ENOTEMPTY' && systemCode(error) !== 'EEXIST') throw error
    })
  } finally {
    await rm(beside, { recursive: true, force: true })
  }
  return modules
}

/** A built release of a project that uses the tool: the old one, or the one that brings two migrations more. */
export async function makeRelease(
  tool: string,
  version: 'old' | 'new',
  directory: string,
  modules: string,
): Promise<string> {
  await mkdir(dirname(directory), { recursive: true })
  await cp(join(FIXTURES, tool, 'old'), directory, { recursive: true })
  if (version === 'new') await cp(join(FIXTURES, tool, 'new'), directory, { recursive: true, force: true })
  await symlink(modules, join(directory, 'node_modules'))
  return directory
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
