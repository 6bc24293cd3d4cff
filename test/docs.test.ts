import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { exampleConfiguration, generatedDocs } from '../scripts/generate-docs.ts'
import { commands } from '../src/commands/table.ts'
import { readConfiguration } from '../src/config/read-configuration.ts'
import { catalog } from '../src/errors/catalog.ts'
import type { ErrorEntry } from '../src/errors/error-entry.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const generated = await generatedDocs()

test.each([...generated])('%s is current', (path, content) => {
  expect(existsSync(join(root, path)) && read(path), 'run: npm run docs').toBe(content)
})

test('there is no page of a command that is gone', () => {
  const pages = readdirSync(join(root, 'docs/cli')).map((name) => `docs/cli/${name}`)
  expect(pages.filter((path) => !generated.has(path))).toEqual([])
})

test('every command has an example and a page that shows each of its options', () => {
  for (const { name, examples, options } of commands) {
    const page = read(`docs/cli/${name.replaceAll(' ', '-')}.md`)
    expect.soft(examples.length, name).toBeGreaterThan(0)
    for (const { command } of examples) expect.soft(page).toContain(command)
    for (const { flags } of options) expect.soft(page, name).toContain(`\`${flags}\``)
  }
})

/** Rows of docs/errors.md by code, with the heading they stand under. */
function documentedErrors(): Map<string, { exit: number; band: [number, number]; text: string }> {
  const found = new Map()
  let band: [number, number] = [0, 0]
  for (const line of read('docs/errors.md').split('\n')) {
    const [, from, to] = /^## (\d+)(?:-(\d+))?:/.exec(line) ?? []
    if (from !== undefined) band = [Number(from), Number(to ?? from)]
    const [, code, exit] = /^\| `([A-Z_]+)` \| (\d+) \|/.exec(line) ?? []
    if (code !== undefined) found.set(code, { exit: Number(exit), band, text: line })
  }
  return found
}

test('the catalogue and docs/errors.md name the same codes', () => {
  expect([...documentedErrors().keys()].sort()).toEqual(Object.keys(catalog).sort())
})

test('every error stands in the band of its exit code, with its own words', () => {
  const documented = documentedErrors()
  const entries: [string, ErrorEntry][] = Object.entries(catalog)
  for (const [code, { exit, title, message, hint }] of entries) {
    const { exit: written, band, text } = documented.get(code) ?? { exit: -1, band: [0, 0], text: '' }
    expect.soft(written, code).toBe(exit)
    expect.soft(exit >= band[0] && exit <= band[1], `${code} in ${band.join('-')}`).toBe(true)
    for (const words of [title, message, hint]) expect.soft(text).toContain(words.replaceAll('|', '\\|'))
  }
})

test('the example configuration is one', () => {
  const env = {
    DATABASE_URL: 'postgres://127.0.0.1/store',
    PROBE_EMAIL: 'probe@example.com',
    PROBE_PASSWORD: 'probe-password',
    SLACK_WEBHOOK: 'https://hooks.slack.com/services/T0/B0/x',
    SMTP_URL: 'smtps://mail.example.org',
    PAGERDUTY_KEY: 'R0123456789ABCDEF0123456789ABCDE',
  }
  expect(readConfiguration(exampleConfiguration, env)).toMatchObject({ ok: true })
  expect(read('docs/configuration.md')).toContain(exampleConfiguration)
})

test('every key of the schema is in docs/configuration.md', () => {
  const page = read('docs/configuration.md')
  const keys = keysOf(JSON.parse(read('schema/lastgood.schema.json')))
  expect(keys.length).toBeGreaterThan(30)
  expect(
    keys.filter((key) => !new RegExp(`^\\| \`[^\`]*\\b${key}\`(?: \\(\\w+\\))? \\|`, 'm').test(page)),
  ).toEqual([])
})

function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return []
  return Object.entries(schema).flatMap(([word, inner]) =>
    word === 'properties' ? [...Object.keys(inner), ...Object.values(inner).flatMap(keysOf)] : keysOf(inner),
  )
}

const WORDS = [
  ...['service', 'release', 'runtime', 'instance', 'unit', 'agent', 'home', 'adopt', 'claim', 'stranger'],
  ...[
    'built',
    'candidate',
    'live',
    'proven',
    'bad',
    'retired',
    'last known good',
    'bake',
    'finding',
    'target',
  ],
  ...['hold', 'hold marker', 'probe', 'activate', 'drain', 'switch', 'gap', 'standby'],
  ...['plan', 'step', 'run', 'way', 'point of no return', 'observe', 'evidence', 'put back', 'resume'],
  ...['crash point', 'verification', 'refusal', 'journal', 'event', 'position', 'lease', 'port', 'adapter'],
]

test.each(WORDS)('the glossary says what "%s" is', (word) => {
  expect(read('docs/glossary.md')).toContain(`| **${word}** |`)
})

test('the glossary names no word twice', () => {
  const words = [...read('docs/glossary.md').matchAll(/^\| \*\*(.+?)\*\* \|/gm)].map(([, word]) => word)
  expect(words.filter((word, index) => words.indexOf(word) < index)).toEqual([])
})

test('docs/agent.md knows the commands and the states of the agent', () => {
  const page = read('docs/agent.md')
  const routes = [...read('src/agent/control.cts').matchAll(/'((?:GET|POST) \/\w+)'/g)].map(
    ([, route]) => route,
  )
  expect(routes.length).toBeGreaterThan(2)
  for (const route of routes) expect.soft(page).toContain(`\`${route}\``)
  const variables = ['settings.cts', 'register.cts'].flatMap((file) => [
    ...new Set(read(`src/agent/${file}`).match(/LASTGOOD_[A-Z_]+/g)),
  ])
  for (const variable of variables) expect.soft(page).toContain(`\`${variable}\``)
  for (const state of ['booting', 'holding', 'listening', 'draining', 'drained'])
    expect.soft(page).toContain(state)
})

/** Pages a person wrote or reads; links in them must lead somewhere. */
function pages(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return path === 'docs' || path.startsWith('docs/') ? pages(path) : []
    return path.endsWith('.md') ? [path] : []
  })
}

test.each(pages())('every link in %s leads somewhere', (path) => {
  const links = [...read(path).matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link ?? '')
  const dead = links
    .filter((link) => !/^(https?:|#)/.test(link))
    .filter((link) => !existsSync(join(root, dirname(path), link.replace(/#.*$/, ''))))
  expect(dead).toEqual([])
})

test('every decision is in the list', () => {
  const names = readdirSync(join(root, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name))
  expect(names.filter((name) => !read('docs/decisions/README.md').includes(`(${name})`))).toEqual([])
})

test('the README has the two commands that do everything, and every command', () => {
  const readme = read('README.md')
  expect(readme).toMatch(/^<!-- demo -->\n```sh\nnpm ci && npm run demo\n```$/m)
  expect(readme).toMatch(/^<!-- test -->\n```sh\nnpm ci && npm test\n```$/m)
  for (const { name, summary } of commands) {
    expect.soft(readme).toContain(`| [\`${name}\`](docs/cli/${name.replaceAll(' ', '-')}.md) | ${summary} |`)
  }
})

test('the transcript in the README fits 80 columns', () => {
  const [, transcript = ''] = /```\n\$ lastgood rollback[^\n]*\n([\s\S]*?)```/.exec(read('README.md')) ?? []
  expect(transcript).toContain('Serving now:')
  expect(transcript.split('\n').filter((line) => line.length > 80)).toEqual([])
})
