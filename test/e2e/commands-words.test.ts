import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commands } from '../../src/commands/table.ts'
import { catalog } from '../../src/errors/catalog.ts'
import type { ErrorEntry } from '../../src/errors/error-entry.ts'
import { sampled } from '../support/sampled.ts'
import { openTinyService, type TinyService } from '../support/tiny-service.ts'
import { eventsOf, expectRefusal, expectUsableHint, lookAt } from './refusal.ts'

let service: TinyService

beforeAll(async () => {
  service = await openTinyService('words')
  await service.commit('1.0.0')
})
afterAll(() => service.close())

const names = commands.map(({ name }) => name)

describe('before anything was put out', () => {
  test('doctor: each failing check has its fix, and the exit code says that there is no way back', async () => {
    const ran = await service.lastgood(['doctor'])
    expect(ran.exit).toBe(36)
    expect(ran.stdout).toMatch(/✓ home +\S+ is made by the first deploy/)
    expect(ran.stdout).toMatch(/✗ serving +no instance serves; .*\n +fix: lastgood adopt .*lastgood deploy/)
    expect(ran.stdout).toMatch(/✗ way back +nothing was put out yet\n +fix: lastgood adopt/)
    expect(ran.stdout.trimEnd()).toMatch(/\nServing now: nothing$/)
  })

  test('what only looks makes no home', async () => {
    for (const args of [['status'], ['releases'], ['deploy', '--plan'], ['runbook'], ['journal', 'verify']]) {
      await service.ok(...args)
    }
    await expect(readFile(join(service.home, 'journal.db'))).rejects.toThrow('ENOENT')
  })

  test('init does not write over a configuration', async () => {
    const file = join(service.repo, 'lastgood.yaml')
    const before = await readFile(file, 'utf8')
    await expectRefusal(service, ['init', '--yes'], {
      code: 'CONFIG_EXISTS',
      exit: 10,
      says: /lastgood\.yaml exists and was not touched/,
      hint: /lastgood init --config OTHER\.yaml/,
      serving: null,
    })
    expect(await readFile(file, 'utf8')).toBe(before)
    const plan = await service.ok('init', '--plan', '--config', 'fresh.yaml')
    expect(plan.json.text).toContain('service: tiny')
    await expect(readFile(join(service.repo, 'fresh.yaml'))).rejects.toThrow('ENOENT')
    await service.ok('init', '--config', 'fresh.yaml')
    expect(await readFile(join(service.repo, 'fresh.yaml'), 'utf8')).toBe(plan.json.text)
  })
})

describe('help and mistakes', () => {
  test.each(sampled(names))('lastgood %s --help has an example', async (name) => {
    const ran = await service.lastgood([...name.split(' '), '--help'])
    expect(ran).toMatchObject({ exit: 0, stderr: '' })
    expect(ran.stdout).toMatch(/\nExamples:\n {2}lastgood /)
    expect(ran.stdout).toContain('--json')
  })

  test('lastgood alone is its help', async () => {
    const ran = await service.lastgood([])
    expect(ran.exit).toBe(0)
    expect(ran.stdout).toContain('At 3 in the morning: lastgood rollback')
  })

  test.each([
    [['rolback'], /unknown command 'rolback'.*Did you mean rollback\?/, 'lastgood --help'],
    [['rollback', '--yess'], /unknown option '--yess'.*Did you mean --yes\?/, 'lastgood rollback --help'],
    [['journal'], /needs one more word: lastgood journal verify, lastgood journal export/, ''],
    [['journal', 'verfy'], /unknown command 'verfy'.*Did you mean verify\?/, ''],
    [['releases', 'mark', 'odd', 'r1'], /marked bad or proven, not odd/, 'lastgood releases mark --help'],
    [['rollback', 'r1', 'r2'], /too many arguments/, 'lastgood rollback --help'],
    [['deploy', '--reason'], /argument missing/, 'lastgood deploy --help'],
  ])('%j is refused with what was meant', async (args, says, hint) => {
    const ran = await service.lastgood(args)
    expect(ran).toMatchObject({ exit: 2, stderr: '' })
    const said = ran.stdout.replace(/\s+/g, ' ')
    expect(said).toContain('✗ The command line is wrong (USAGE)')
    expect(said).toMatch(says)
    expect(said).toContain(`Next: ${hint}`)
  })

  test('every hint of the catalogue names commands and options that exist', () => {
    for (const { hint } of Object.values<ErrorEntry>(catalog)) {
      expectUsableHint(
        hint
          .replace('lastgood {command}', 'lastgood deploy')
          .replace(/\{verb\}/g, 'deploy')
          .replace(/\{\w+\}/g, 'X'),
      )
    }
  })
})

describe('what changes things', () => {
  test('asks first, and is refused where there is nobody to ask', async () => {
    for (const json of [[], ['--json']]) {
      const ran = await service.lastgood(['deploy', ...json])
      expect(ran.exit).toBe(10)
      expect(ran.stdout).toContain('CONFIRMATION_REQUIRED')
      expect(ran.stdout).toContain('lastgood deploy --yes')
    }
    expect(await eventsOf(service)).toEqual([])
    expect(await service.answer()).toBeNull()
  })

  test('--plan changes nothing', async () => {
    await service.ok('deploy', '--yes')
    await service.commit('1.1.0')
    await service.ok('deploy', '--yes')
    await service.ok('releases', 'mark', 'bad', 'r2', '--reason', 'it is slow', '--yes')
    const before = await lookAt(service)
    for (const args of [
      ['deploy', 'v1.0.0'],
      ['rollback'],
      ['releases', 'mark', 'bad', 'r1', '--reason', 'x'],
    ]) {
      await service.ok(...args, '--plan')
    }
    await service.ok('resume', '--plan')
    expect(await lookAt(service)).toEqual(before)
  })

  test('a commit marked bad is refused, and put out with --force and a reason', async () => {
    await expectRefusal(service, ['deploy', 'v1.1.0', '--yes'], {
      code: 'COMMIT_BAD',
      exit: 13,
      says: /was marked bad \(it is slow\)/,
      hint: /lastgood deploy v1\.1\.0 --force --reason/,
      serving: /r2 /,
    })
    await expectRefusal(service, ['deploy', 'v1.1.0', '--force', '--yes'], {
      code: 'REASON_REQUIRED',
      exit: 2,
      says: /deploy --force needs a reason/,
      hint: /lastgood deploy v1\.1\.0 --force --reason/,
      serving: /r2 /,
    })
    const forced = await service.ok('deploy', 'v1.1.0', '--force', '--reason', 'it was the network', '--yes')
    expect(forced.json).toMatchObject({ plan: { to: 'r3' } })
  })

  test('a mark needs a reason', async () => {
    await expectRefusal(service, ['releases', 'mark', 'proven', 'r1', '--yes'], {
      code: 'REASON_REQUIRED',
      exit: 2,
      says: /Marking a release proven needs a reason/,
      hint: /lastgood releases mark proven r1 --reason/,
      serving: /r3 /,
    })
  })
})

describe('for a program', () => {
  test.each([
    ['doctor'],
    ['verify'],
    ['status'],
    ['releases'],
    ['resume'],
    ['runbook'],
    ['journal verify'],
    ['deploy --plan'],
    ['rollback r1 --plan'],
  ])('%s --json is one document with ok and exit', async (line) => {
    const ran = await service.lastgood([...line.split(' '), '--json'])
    expect(ran.exit, ran.stdout).toBe(0)
    expect(ran.stderr).toBe('')
    expect(JSON.parse(ran.stdout)).toMatchObject({ ok: true, exit: 0 })
  })

  test.each([
    ['init --yes', 'CONFIG_EXISTS'],
    ['adopt --yes', 'ALREADY_MANAGED'],
    ['deploy v9 --yes', 'UNKNOWN_REF'],
    ['rollback r9 --yes', 'UNKNOWN_RELEASE'],
    ['releases mark bad r9 --reason x --yes', 'UNKNOWN_RELEASE'],
  ])('%s --json has code, message and hint', async (line, code) => {
    const { json, exit } = await service.lastgood([...line.split(' '), '--json'])
    expect(json).toMatchObject({
      ok: false,
      exit,
      code,
      message: expect.any(String),
      details: expect.any(Array),
    })
    expect(exit).toBeGreaterThanOrEqual(10)
    expectUsableHint(String(json.hint))
  })

  test('journal export prints every event, one a line, chained', async () => {
    const { stdout, exit } = await service.lastgood(['journal', 'export'])
    expect(exit).toBe(0)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect(events.map(({ type }) => type)).toEqual(await eventsOf(service))
    const hashes = events.map(({ hash }) => hash)
    expect(events.map(({ previousHash }) => previousHash)).toEqual(['0'.repeat(64), ...hashes.slice(0, -1)])
    const file = join(service.lab.dir, 'export.jsonl')
    await writeFile(file, stdout)
    expect((await service.ok('journal', 'verify')).json).toMatchObject({
      events: events.length,
      broken: null,
    })
  })
})
