import { access, mkdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { runOrFail } from '../run.ts'
import { waitUntil } from '../wait-until.ts'

const MINUTES = 60_000

/** Debian and Ubuntu, as root: the one place where we install it ourselves. */
export async function canInstallPostgres(): Promise<boolean> {
  const release = await readFile('/etc/os-release', 'utf8').catch(() => '')
  const apt = await access('/usr/bin/apt-get').then(
    () => true,
    () => false,
  )
  return process.getuid?.() === 0 && apt && isDebianLike(release)
}

/** `ID=debian`, or a relative of it: `ID_LIKE="ubuntu debian"` */
export function isDebianLike(osRelease: string): boolean {
  const words = [...osRelease.matchAll(/^ID(?:_LIKE)?=["']?([^"'\n]*)/gm)].flatMap(
    ([, value]) => value?.split(' ') ?? [],
  )
  return words.includes('debian') || words.includes('ubuntu')
}

/** The program only: Debian's package would start a service of its own. */
async function installProgram(name: string, debianPackage: string): Promise<void> {
  console.error(`${name} is missing: installing ${debianPackage} with apt-get (the program only)`)
  await withoutServices(async () => {
    await apt(['update'])
    await apt(['install', '-y', '--no-install-recommends', debianPackage])
  })
}

/** Where a program of another package is, which is installed where that is allowed. */
export async function findProgram(
  name: string,
  debianPackage: string,
  places: readonly string[],
): Promise<string> {
  const found = await firstThat(places)
  if (found !== null) return found
  if (await canInstallPostgres()) await installProgram(name, debianPackage)
  const installed = await firstThat(places)
  if (installed !== null) return installed
  throw new Error(`${name} is not installed: apt-get install ${debianPackage}`)
}

async function firstThat(places: readonly string[]): Promise<string | null> {
  for (const place of places) {
    const there = await access(place).then(
      () => true,
      () => false,
    )
    if (there) return place
  }
  return null
}

/** Debian's own switch for it; whoever has set it already is obeyed. */
async function withoutServices(install: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d'
  const ours = await writeFile(policy, '#!/bin/sh\nexit 101\n', { flag: 'wx', mode: 0o755 }).then(
    () => true,
    () => false,
  )
  try {
    await install()
  } finally {
    if (ours) await rm(policy)
  }
}

/** Installs the newest PostgreSQL of the distribution, programs only: no server is created or started on this machine. */
export async function installPostgres(): Promise<void> {
  console.error(
    'PostgreSQL is missing: installing postgresql and postgresql-client with apt-get (programs only)',
  )
  await withoutMainCluster(async () => {
    await apt(['update'])
    await apt(['install', '-y', '--no-install-recommends', 'postgresql', 'postgresql-client'])
  })
}

/** Another test worker may be installing it at this moment: then its lock is waited for. */
async function apt(args: string[]): Promise<void> {
  const env = {
    PATH: process.env.PATH ?? '',
    ...proxySettings(),
    DEBIAN_FRONTEND: 'noninteractive',
    LC_ALL: 'C',
  }
  const attempt = () =>
    runOrFail('apt-get', ['-q', '-o', 'DPkg::Lock::Timeout=300', ...args], {
      env,
      timeoutMs: 10 * MINUTES,
    }).then(
      () => ({ error: undefined }),
      (error: Error) => (/Could not get lock/.test(error.message) ? undefined : { error }),
    )
  const done = await waitUntil(attempt, {
    what: 'the lock of apt-get',
    timeoutMs: 5 * MINUTES,
    everyMs: 1000,
  })
  if (done.error) throw done.error
}

function proxySettings(): Record<string, string> {
  const settings = Object.entries(process.env).filter(([name]) => /^(https?|no|ftp)_proxy$/i.test(name))
  return Object.fromEntries(settings.flatMap(([name, value]) => (value ? [[name, value]] : [])))
}

/**
 * Debian's package creates and starts a server of its own, unless told otherwise *before* it is installed. The setting is
 * taken back afterwards: it is for this installation, not for what the owner of the machine does later.
 */
async function withoutMainCluster(install: () => Promise<void>): Promise<void> {
  const folder = '/etc/postgresql-common/createcluster.d'
  const setting = `${folder}/lastgood-lab-${process.pid}.conf`
  await mkdir(folder, { recursive: true })
  await writeFile(setting, 'create_main_cluster = false\n')
  try {
    await install()
  } finally {
    await rm(setting)
    await rmdir(folder).catch(() => {}) // not empty: it is somebody else's too
  }
}
