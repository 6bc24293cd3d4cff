import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { gitIn } from './git-repository.ts'
import { BAD_COMMITS, GOOD_COMMITS } from './history-commits.ts'
import { makeStoreHistory, PATCHES_DIR, type StoreHistory } from './make-store-history.ts'

const TAGS = [...GOOD_COMMITS, ...BAD_COMMITS].map(({ tag }) => tag)
let folder: string
let history: StoreHistory

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'store-history-'))
  history = await makeStoreHistory(join(folder, 'one'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('makeStoreHistory', () => {
  const git = (...args: string[]) => gitIn(history.dir)(args)

  it('tags every release, each with a version of its own', async () => {
    expect((await git('tag')).split('\n').sort()).toEqual(TAGS.toSorted())
    for (const { tag, version } of [...GOOD_COMMITS, ...BAD_COMMITS]) {
      expect(await git('rev-parse', `${tag}^{commit}`)).toBe(history.commits[tag])
      for (const file of ['package.json', 'package-lock.json']) {
        expect(JSON.parse(await git('show', `${tag}:${file}`)).version, `${tag} ${file}`).toBe(version)
      }
    }
  })

  it('ends on main at the last good release, with nothing uncommitted', async () => {
    expect(await git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('main')
    expect(await git('rev-parse', 'HEAD')).toBe(history.commits['good-2'])
    expect(await git('status', '--porcelain')).toBe('')
  })

  it('branches every bad release off good-2, by one commit', async () => {
    for (const { tag } of BAD_COMMITS) {
      expect(await git('rev-parse', `${tag}^`), tag).toBe(history.commits['good-2'])
    }
  })

  it('holds no installed or built file, and no address of a registry', async () => {
    for (const tag of TAGS) {
      const files = (await git('ls-tree', '-r', '--name-only', tag)).split('\n')
      expect(files.filter((file) => /^(node_modules|dist)\//.test(file))).toEqual([])
      expect(await git('show', `${tag}:package-lock.json`)).not.toContain('"resolved"')
    }
  })

  it('gives the same hashes wherever and however often it is made', async () => {
    const again = await makeStoreHistory(join(folder, 'two'))
    expect(again.commits).toEqual(history.commits)
  })

  it('refuses a folder that is not empty', async () => {
    const full = join(folder, 'full')
    await gitIn(folder)(['init', '--quiet', full])
    await writeFile(join(full, 'mine.txt'), 'mine')
    await expect(makeStoreHistory(full)).rejects.toThrow('is not empty')
  })

  it('keeps each patch small', async () => {
    for (const tag of TAGS.slice(1)) {
      const patch = await readFile(join(PATCHES_DIR, `${tag}.patch`), 'utf8')
      const changed = patch.split('\n').filter((line) => /^[+-](?![+-])/.test(line))
      expect(changed.length, tag).toBeLessThan(60)
    }
  })
})
