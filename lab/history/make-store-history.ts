import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { copyStore } from './copy-store.ts'
import { type Git, gitIn } from './git-repository.ts'
import { BAD_COMMITS, GOOD_COMMITS, type HistoryCommit } from './history-commits.ts'

export type StoreHistory = { dir: string; commits: Record<string, string> }

export const PATCHES_DIR = fileURLToPath(new URL('patches/', import.meta.url))
const FIRST_COMMIT_AT = Date.UTC(2026, 0, 5, 9)
const HOUR_MS = 3_600_000

/** Writes the store's history as a git repository into `dir`, which must be empty or missing. Ends on main. */
export async function makeStoreHistory(dir: string): Promise<StoreHistory> {
  await refuseFilled(dir)
  const git = gitIn(dir)
  const commits: Record<string, string> = {}
  const commit = async (next: HistoryCommit) => {
    await setVersion(dir, next.version)
    const hours = Object.keys(commits).length
    commits[next.tag] = await commitAll(git, next, new Date(FIRST_COMMIT_AT + hours * HOUR_MS).toISOString())
  }

  await copyStore(dir)
  await git(['init', '--quiet', '--initial-branch=main', '--template=', '.'])
  for (const [index, good] of GOOD_COMMITS.entries()) {
    if (index > 0) await applyPatch(git, good.tag)
    await commit(good)
  }
  for (const bad of BAD_COMMITS) {
    await git(['checkout', '--quiet', '-b', `feature/${bad.tag}`, 'main'])
    await applyPatch(git, bad.tag)
    await commit(bad)
  }
  await git(['checkout', '--quiet', 'main'])
  return { dir, commits }
}

async function refuseFilled(dir: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  if ((await readdir(dir)).length > 0)
    throw new Error(`${dir} is not empty: the history needs a folder of its own`)
}

const applyPatch = (git: Git, tag: string) => git(['apply', join(PATCHES_DIR, `${tag}.patch`)])

async function commitAll(git: Git, { tag, message }: HistoryCommit, at: string): Promise<string> {
  await git(['add', '--all'])
  await git(['commit', '--quiet', '--no-verify', '--no-gpg-sign', '--message', message], at)
  await git(['tag', '--no-sign', tag])
  return git(['rev-parse', 'HEAD'])
}

/** Here and not in the patches, so that a patch holds its one idea and nothing else. */
async function setVersion(dir: string, version: string): Promise<void> {
  await editJson(join(dir, 'package.json'), (manifest) => ({ ...manifest, version }))
  await editJson(join(dir, 'package-lock.json'), ({ packages, ...lock }) => ({
    ...lock,
    version,
    packages: { ...packages, '': { ...packages[''], version } },
  }))
}

type Json = Record<string, unknown>
type Manifest = Json & { packages: Record<string, Json> }

async function editJson(path: string, edit: (content: Manifest) => Json): Promise<void> {
  const edited = edit(JSON.parse(await readFile(path, 'utf8')))
  await writeFile(path, `${JSON.stringify(edited, null, 2)}\n`)
}
