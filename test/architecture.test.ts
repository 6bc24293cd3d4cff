import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import extractDepcruiseOptions from 'dependency-cruiser/config-utl/extract-depcruise-options'
import { afterEach, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const options = await extractDepcruiseOptions(join(root, '.dependency-cruiser.mjs'))
const rules = options.ruleSet?.forbidden ?? []

/** Path and content of each file; every tree breaks the rule of its name, in its first file. */
type Tree = Record<string, string>

const idle = 'export const idle = 1\n'
const use = (path: string) => `import { idle } from '${path}'\nexport const used = idle\n`
const useType = (path: string) => `import type { Idle } from '${path}'\nexport type Used = Idle\n`
const idleType = 'export type Idle = 1\n'

const trees: Record<string, Tree> = {
  'no-cycle': { 'src/domain/a.ts': use('./b.ts'), 'src/domain/b.ts': useType('./a.ts') },
  'no-orphan': { 'src/domain/alone.ts': idle },
  'nothing-unresolved': { 'src/config/a.ts': use('./not-there.ts') },
  'domain-knows-only-itself': { 'src/domain/a.ts': useType('../ports/b.ts'), 'src/ports/b.ts': idleType },
  'domain-knows-only-itself-and-nothing-from-outside': { 'src/domain/a.ts': use('node:fs') },
  'planner-knows-only-the-domain': {
    'src/planner/a.ts': useType('../executor/b.ts'),
    'src/executor/b.ts': idleType,
  },
  'planner-knows-only-the-domain-and-nothing-from-outside': { 'src/planner/a.ts': use('node:crypto') },
  'planner-refuses-with-data': { 'src/planner/a.ts': use('../errors/b.ts'), 'src/errors/b.ts': idle },
  'ports-know-only-the-domain': { 'src/ports/a.ts': useType('../errors/b.ts'), 'src/errors/b.ts': idleType },
  'ports-know-only-the-domain-and-nothing-from-outside': {
    'src/ports/a.ts': useType('node:stream'),
  },
  'ports-are-types': { 'src/ports/a.ts': use('../domain/b.ts'), 'src/domain/b.ts': idle },
  'errors-know-nothing': { 'src/errors/a.ts': useType('../domain/b.ts'), 'src/domain/b.ts': idleType },
  'errors-know-nothing-and-nothing-from-outside': { 'src/errors/a.ts': use('node:util') },
  'verify-uses-ports': { 'src/verify/a.ts': use('../prober/b.ts'), 'src/prober/b.ts': idle },
  'verify-uses-ports-and-nothing-from-outside': { 'src/verify/a.ts': use('node:http') },
  'incident-uses-ports': { 'src/incident/a.ts': use('../issues/b.ts'), 'src/issues/b.ts': idle },
  'incident-uses-ports-and-nothing-from-outside': { 'src/incident/a.ts': use('node:fs') },
  'rehearse-uses-ports': { 'src/rehearse/a.ts': use('../database/b.ts'), 'src/database/b.ts': idle },
  'rehearse-uses-ports-and-nothing-from-outside': { 'src/rehearse/a.ts': use('node:fs') },
  'watch-uses-ports': { 'src/watch/a.ts': use('../prober/b.ts'), 'src/prober/b.ts': idle },
  'watch-uses-ports-and-nothing-from-outside': { 'src/watch/a.ts': use('node:timers') },
  'outbox-uses-ports': { 'src/outbox/a.ts': use('../notify/b.ts'), 'src/notify/b.ts': idle },
  'outbox-uses-ports-and-nothing-from-outside': { 'src/outbox/a.ts': use('node:http') },
  'database-parts-share-postgres-only': {
    'src/database/salvage/a.ts': use('../restore/b.ts'),
    'src/database/restore/b.ts': idle,
  },
  'executor-uses-ports': { 'src/executor/a.ts': useType('../journal/b.ts'), 'src/journal/b.ts': idleType },
  'executor-uses-ports-and-nothing-from-outside': {
    'src/executor/handlers/a.ts': use('node:fs/promises'),
  },
  'executor-runs-plans-and-makes-none': {
    'src/executor/a.ts': use('../planner/b.ts'),
    'src/planner/b.ts': idle,
  },
  'adapter-knows-no-sibling': { 'src/source/a.ts': useType('../store/b.ts'), 'src/store/b.ts': idleType },
  'runtime-knows-no-sibling': {
    'src/runtimes/pm2/a.ts': use('../compose/b.ts'),
    'src/runtimes/compose/b.ts': idle,
  },
  'only-wire-knows-adapters': { 'src/commands/a.ts': use('../journal/b.ts'), 'src/journal/b.ts': idle },
  'only-the-init-command-uses-init': {
    'src/commands/deploy.ts': use('../init/b.ts'),
    'src/init/b.ts': idle,
  },
  'only-main-wires': { 'src/commands/a.ts': useType('../wire.ts'), 'src/wire.ts': idleType },
  'centre-does-not-know-its-callers': {
    'src/verify/a.ts': use('../render/b.ts'),
    'src/render/b.ts': idle,
  },
  'only-command-runner-starts-programs': { 'src/source/a.ts': use('node:child_process') },
  'pm2-is-run-never-imported': { 'src/runtimes/pm2/a.ts': use('pm2') },
  'agent-stands-alone': { 'src/agent/a.cts': useType('../domain/b.ts'), 'src/domain/b.ts': idleType },
  'nobody-imports-the-agent': {
    'src/agent-client/a.ts': useType('../agent/b.cts'),
    'src/agent/b.cts': idleType,
  },
  'product-knows-no-tooling': { 'src/main.ts': use('../lab/b.ts'), 'lab/b.ts': idle },
}

const folders: string[] = []

afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

async function plant(tree: Tree): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lastgood-imports-'))
  folders.push(folder)
  for (const [path, content] of Object.entries(tree)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), content)
  }
  return folder
}

async function violations(baseDir: string): Promise<{ rule: string; from: string }[]> {
  const { output } = await cruise(['src'], { ...options, baseDir })
  const { summary } = output as ICruiseResult
  return summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }))
}

test.each(Object.entries(trees))('%s: a forbidden import is refused', async (rule, tree) => {
  const [from] = Object.keys(tree)
  expect(await violations(await plant(tree))).toContainEqual({ rule, from })
})

test('every rule has a tree that breaks it, and says what to do instead', () => {
  expect(rules.map(({ name }) => name).sort()).toEqual(Object.keys(trees).sort())
  for (const { name, comment, severity } of rules) {
    expect.soft(comment?.length, name).toBeGreaterThan(60)
    expect.soft(severity, name).toBe('error')
  }
})

test('what is allowed stays allowed', async () => {
  const tree = {
    'src/wire.ts': `${use('./journal/a.ts')}export * from './commands/init.ts'\n`,
    'src/journal/a.ts': `${use('../domain/b.ts')}import 'node:fs'\n`,
    'src/domain/b.ts': idle,
    'src/commands/init.ts': use('../init/c.ts'),
    'src/init/c.ts': idle,
    'src/runtimes/pm2/d.ts': use('../../agent-client/e.ts'),
    'src/agent-client/e.ts': idle,
    'src/domain/b.test.ts': use('../journal/a.ts'),
  }
  expect(await violations(await plant(tree))).toEqual([])
})

test('the real tree keeps every rule', async () => {
  expect(await violations(root)).toEqual([])
})
