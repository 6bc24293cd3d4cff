import { expect, test } from 'vitest'
import { isPlainRef, readRepositoryFacts, resolveCommit, writeFiles } from './git-commands.ts'

test.each(['HEAD', 'main', 'v1.2.0', 'feature/x', 'HEAD~2', 'HEAD^', '4f2a1c9', 'stash@{0}'])(
  '%s may name a commit',
  (ref) => {
    expect(isPlainRef(ref)).toBe(true)
  },
)

test.each(['', '-h', '--all', '--output=/etc/x', 'a b', 'HEAD:file', ':/text', 'a..b', 'a\nb', 'a\0'])(
  '%j never reaches git',
  (ref) => {
    expect(isPlainRef(ref)).toBe(false)
  },
)

test('a repository is described in four lines, the last often empty', () => {
  expect(readRepositoryFacts('false\nfalse\n/srv/store/.git\n\n')).toEqual({
    bare: false,
    shallow: false,
    gitDirectory: '/srv/store/.git',
    prefix: '',
  })
  expect(readRepositoryFacts('false\ntrue\n/srv/.git\nstore/\n')).toMatchObject({
    shallow: true,
    prefix: 'store/',
  })
})

test('arguments are arguments', () => {
  expect(resolveCommit('/srv/my store', 'v1')).toEqual([
    '-C',
    '/srv/my store',
    'rev-parse',
    '--verify',
    '--quiet',
    'v1^{commit}',
  ])
  expect(writeFiles('/srv/store/.git', '/home/app').slice(0, 2)).toEqual([
    '--git-dir=/srv/store/.git',
    '--work-tree=/home/app',
  ])
})
