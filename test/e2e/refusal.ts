import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'vitest'
import { listProcesses } from '../../lab/reaper/process-table.mjs'
import { commands, globalOptions } from '../../src/commands/table.ts'
import type { EventType } from '../../src/domain/event.ts'
import { catalog, type ErrorCode } from '../../src/errors/catalog.ts'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import type { Ran, TinyService } from '../support/tiny-service.ts'

/** Everything a refusal must leave as it was. */
interface World {
  version: unknown
  release: unknown
  units: string[]
  folders: string[]
  events: EventType[]
}

export interface Refusal {
  code: ErrorCode
  exit: number
  /** What the message, and the lines under it, must say. */
  says: RegExp
  /** What the hint must name. */
  hint: RegExp
  /** The last line; null where no service is known. */
  serving: RegExp | null
  /** What may be added to the journal: a run that was begun and put back. */
  events?: EventType[]
  /** Releases that may have been built meanwhile. */
  built?: boolean
  env?: Record<string, string>
  /** False: the journal is what is broken. */
  journal?: boolean
}

/** Once for a program and once for a person: the same refusal, and nothing changed. */
export async function expectRefusal(service: TinyService, args: string[], expected: Refusal): Promise<void> {
  const options = expected.env === undefined ? {} : { env: expected.env }
  const before = await lookAt(service, expected)
  expectDocument(await service.lastgood([...args, '--json'], options), expected)
  expectText(await service.lastgood(args, options), expected)
  const after = await lookAt(service, expected)
  const { events = [] } = expected
  expect(after.events.slice(before.events.length), 'what the journal has more').toEqual([
    ...events,
    ...events,
  ])
  expect({ ...after, events: [] }).toEqual({ ...before, events: [] })
}

export async function lookAt(
  service: TinyService,
  { journal = true, built = false }: Pick<Refusal, 'journal' | 'built'> = {},
): Promise<World> {
  const answer = await service.answer()
  return {
    version: answer?.version ?? null,
    release: answer?.release ?? null,
    units: await unitsOf(service),
    folders: built ? [] : await foldersOf(service),
    events: journal ? await eventsOf(service) : [],
  }
}

/** Names and pids. Where the daemon is gone it is not asked: that would start one. */
export async function unitsOf(service: TinyService): Promise<string[]> {
  if (daemonsOf(service).length === 0) return []
  const list = await service.lab.pm2().list()
  return list.map(({ name, pid, pm2_env: { status } }) => `${name} ${pid} ${status}`).sort()
}

/** Pids of the PM2 daemons of this lab. */
export function daemonsOf({ lab }: TinyService): number[] {
  const ours = listProcesses().filter(({ environment }) => environment.includes(`PM2_HOME=${lab.pm2().home}`))
  return ours.filter(({ command }) => command.includes('God Daemon')).map(({ pid }) => pid)
}

export async function eventsOf({ home }: TinyService, service?: string): Promise<EventType[]> {
  const journal = openSqliteJournal({ home, readOnly: true, unchecked: true })
  try {
    return (await journal.read(service === undefined ? {} : { service })).map(({ type }) => type)
  } finally {
    await journal.close()
  }
}

/** Releases, half-made ones included, and what a start leaves for a moment beside the sockets. */
async function foldersOf({ home }: TinyService): Promise<string[]> {
  const names = async (path: string) => (await readdir(path).catch(() => [])).map((name) => `${path}/${name}`)
  const services = await readdir(join(home, 'services')).catch(() => [])
  const releases = await Promise.all(services.map((name) => names(join(home, 'services', name, 'releases'))))
  const runs = await Promise.all(services.map((name) => names(join(home, 'run', name))))
  const starting = runs.flat().filter((path) => path.includes('/start-'))
  return [...releases.flat(), ...starting].sort()
}

function expectDocument({ exit, json, stdout }: Ran, expected: Refusal): void {
  expect(json, stdout).toMatchObject({ ok: false, exit: expected.exit, code: expected.code })
  expect(exit).toBe(expected.exit)
  expect(exit).toBe(catalog[expected.code].exit)
  expect([json.message, ...(json.details as string[])].join('\n')).toMatch(expected.says)
  expectUsableHint(String(json.hint))
  expect(json.hint).toMatch(expected.hint)
  if (expected.serving === null) expect(json.serving).toBeUndefined()
  else expect(json.serving).toMatchObject({ text: expect.stringMatching(expected.serving) })
}

function expectText({ exit, stdout, stderr }: Ran, expected: Refusal): void {
  expect(exit, stdout).toBe(expected.exit)
  expect(stderr).toBe('')
  // Long lines are broken; what is said is the same.
  const flat = stdout.replace(/\s+/g, ' ')
  expect(flat).toContain(`✗ ${catalog[expected.code].title} (${expected.code})`)
  expect(flat).toMatch(/ Next: \S/)
  expect(flat, 'an unfilled parameter').not.toMatch(/\{[a-z]+\}/)
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (expected.serving === null) expect(last).not.toMatch(/^Serving now/)
  else expect(last).toMatch(new RegExp(`^Serving now: .*${expected.serving.source}`))
}

/** Programs, and what is typed into psql. */
const programs =
  /\b(lastgood|git|npm|pm2|docker|df|ls|ss|cat|node|psql|pg_isready|apt|SELECT|SHOW|ALTER|CREATE|DROP|GRANT)\b/

/** Names something that can be typed; and each `lastgood ...` in it is a command we have, with options we have. */
export function expectUsableHint(hint: string): void {
  expect(hint).not.toMatch(/\{[a-z]+\}/)
  expect(hint).toMatch(programs)
  for (const [, line = ''] of hint.matchAll(/\blastgood ([^.,;()]*)/g)) {
    const spec = commands
      .toSorted((a, b) => b.name.length - a.name.length)
      .find(({ name }) => `${line} `.startsWith(`${name} `))
    if (line.startsWith('--help')) continue
    expect(spec, `"lastgood ${line}" is a command`).toBeDefined()
    const known = [...(spec?.options ?? []), ...globalOptions].map(({ flags }) => /--[\w-]+/.exec(flags)?.[0])
    const [own = ''] = line.split('   ')
    for (const [option] of own.matchAll(/--[\w-]+/g)) {
      expect(['--help', ...known], `an option in "lastgood ${own}"`).toContain(option)
    }
  }
}
