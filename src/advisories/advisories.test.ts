import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { gitIn } from '../../lab/history/git-repository.ts'
import { makeStoreHistory } from '../../lab/history/make-store-history.ts'
import { ExecaRunner } from '../command-runner/execa-runner.ts'
import type { SecuritySettings } from '../domain/watch-configuration.ts'
import { createAdvisories } from './create-advisories.ts'

const OSV = fileURLToPath(new URL('../../test/fixtures/advisories', import.meta.url))
const MINIMIST = join(OSV, 'GHSA-xvch-5gv4-984h.json')
const settings: SecuritySettings = { audit: false, advisories: null, level: 'high', everyMs: 1 }
const found = {
  id: 'GHSA-xvch-5gv4-984h',
  package: 'minimist',
  version: '1.2.5',
  severity: 'critical',
  title: 'Prototype Pollution in minimist',
}

let folder: string
/** The packages of the store's releases, as npm has them. */
const releases = { good: '', vulnerable: '' }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lg-advisories-'))
  const store = join(folder, 'store')
  await makeStoreHistory(store)
  for (const [name, tag] of [
    ['good', 'good-2'],
    ['vulnerable', 'bad-vulnerable'],
  ] as const) {
    releases[name] = join(folder, name)
    await mkdir(releases[name])
    for (const file of ['package.json', 'package-lock.json'])
      await writeFile(join(releases[name], file), await gitIn(store)(['show', `${tag}:${file}`]))
  }
})
afterAll(() => rm(folder, { recursive: true }))

let registry: Server | null = null
afterEach(() => {
  registry?.close().closeAllConnections()
  registry = null
})

const advisoriesWith = (env: Record<string, string> = {}) =>
  createAdvisories({
    runner: new ExecaRunner(),
    env: { PATH: process.env.PATH, HOME: folder, npm_config_cache: join(folder, 'cache'), ...env },
  })
const check = (release: string, changes: Partial<SecuritySettings>, env?: Record<string, string>) =>
  advisoriesWith(env).check(release, { ...settings, ...changes })

test('finds what the release brings, and nothing in the one before', async () => {
  const fromFile = { ...found, source: 'GHSA-xvch-5gv4-984h.json' }
  expect(await check(releases.vulnerable, { advisories: MINIMIST })).toEqual({
    advisories: [fromFile],
    problems: [],
  })
  expect(await check(releases.vulnerable, { advisories: OSV, level: 'critical' })).toMatchObject({
    advisories: [fromFile],
  })
  expect(await check(releases.good, { advisories: OSV, level: 'low' })).toEqual({
    advisories: [],
    problems: [],
  })
  expect(await check(releases.vulnerable, {})).toEqual({ advisories: [], problems: [] })
})

test('lists, answers of the API, and what is neither', async () => {
  const osv = join(folder, 'osv')
  await mkdir(osv)
  const [low, moderate] = ['low', 'moderate'].map((severity) => ({
    id: severity,
    affected: [
      {
        package: { ecosystem: 'npm', name: 'fastify' },
        ranges: [{ type: 'SEMVER', events: [{ introduced: '0' }] }],
      },
    ],
    database_specific: { severity },
  }))
  await copyFile(MINIMIST, join(osv, 'a.json'))
  await writeFile(join(osv, 'b.json'), JSON.stringify([low]))
  await writeFile(join(osv, 'c.json'), JSON.stringify({ vulns: [moderate, moderate] }))
  await writeFile(join(osv, 'd.json'), '{"hello":"world"}')
  await writeFile(join(osv, 'e.json'), '<html>')
  await writeFile(join(osv, 'f.txt'), 'not looked at')
  const { advisories, problems } = await check(releases.vulnerable, { advisories: osv, level: 'low' })
  expect(advisories.map(({ id, source }) => `${id} ${source}`)).toEqual([
    'GHSA-xvch-5gv4-984h a.json',
    'moderate c.json',
    'low b.json',
  ])
  expect(problems).toEqual([`${osv}/d.json holds no advisories in OSV format`, `${osv}/e.json is no JSON`])
  expect((await check(releases.good, { advisories: join(folder, 'nowhere') })).problems).toEqual([
    `${folder}/nowhere cannot be read (ENOENT)`,
  ])
  expect((await check(folder, { advisories: osv })).problems).toEqual([
    'the release has no package-lock.json: nobody knows what it brings',
  ])
})

test('npm audit asks the registry about the lockfile; the same from two sources is one', async () => {
  const asked: string[] = []
  const advisory = {
    id: 1,
    url: `https://github.com/advisories/${found.id}`,
    title: found.title,
    severity: 'critical',
    vulnerable_versions: '<1.2.6',
  }
  registry = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    request.resume()
    const bulk = request.url === '/-/npm/v1/security/advisories/bulk'
    const versions = { '1.2.5': { name: 'minimist', version: '1.2.5' } }
    response.end(
      JSON.stringify(bulk ? { minimist: [advisory] } : { name: 'minimist', 'dist-tags': {}, versions }),
    )
  }).listen(0, '127.0.0.1')
  await once(registry, 'listening')
  const env = { npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/` }
  expect(await check(releases.vulnerable, { audit: true }, env)).toEqual({
    advisories: [{ ...found, source: 'npm audit' }],
    problems: [],
  })
  expect(asked).toContain('POST /-/npm/v1/security/advisories/bulk')
  const both = await check(releases.vulnerable, { audit: true, advisories: OSV }, env)
  expect(both.advisories).toHaveLength(1)
})

test('a registry that is away, or no npm, is a problem and no evidence', async () => {
  const env = { npm_config_registry: 'http://127.0.0.1:1/' }
  expect(await check(releases.vulnerable, { audit: true }, env)).toEqual({
    advisories: [],
    problems: [expect.stringMatching(/^npm audit: .*ECONNREFUSED/)],
  })
  expect(await check(releases.vulnerable, { audit: true }, { PATH: folder })).toEqual({
    advisories: [],
    problems: ['npm audit: there is no npm'],
  })
})
