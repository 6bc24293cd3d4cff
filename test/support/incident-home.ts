import { join } from 'node:path'
import { openSqliteJournal } from '../../src/journal/sqlite-journal.ts'
import { main } from '../../src/main.ts'
import type { World } from '../../src/world.ts'
import { type Fact, newEventsOf } from './incident-journal.ts'
import { makeTemporaryFolder, type TemporaryFolder, writeFiles } from './temporary-project.ts'

export interface Ran {
  exit: number
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: a document of the program, looked into by tests alone
  json: any
}

/** A home with a journal of what is said to have happened, and the program on it: no PM2, no process, no service. */
export interface IncidentHome extends AsyncDisposable {
  path: string
  home: string
  append(...facts: Fact[]): Promise<void>
  /** In this process. `--json` is asked for unless the words have it that people read. */
  run(...words: string[]): Promise<Ran>
  read(...words: string[]): Promise<Ran>
}

export async function openIncidentHome(
  configuration: string,
  facts: readonly Fact[],
  env: Record<string, string> = {},
): Promise<IncidentHome> {
  const folder: TemporaryFolder = makeTemporaryFolder()
  const home = join(folder.path, 'home')
  const base = `service: store\nurl: http://127.0.0.1:9\nruntime: { app: store, script: index.js, program: ./no-pm2, home: ./pm2 }\n`
  writeFiles(folder.path, { 'lastgood.yaml': base + configuration })
  const append = async (...more: Fact[]) => {
    let now = 0
    const journal = openSqliteJournal({ home, clock: { now: () => now } })
    for (const event of newEventsOf(more)) {
      now = Date.parse(event.at ?? '')
      await journal.append([event])
    }
    await journal.close()
  }
  await append(...facts)
  const run = async (words: readonly string[]): Promise<Ran> => {
    let text = ''
    const write = (more: string) => {
      text += more
    }
    const out = { write, isTerminal: false, columns: 120 }
    const world: World = {
      env: { PATH: process.env.PATH, HOME: folder.path, ...env },
      cwd: folder.path,
      stdout: out,
      stderr: out,
      ask: null,
      hurry: () => {},
      onInterrupt: () => () => {},
    }
    const exit = await main([...words, '--home', home], world)
    return { exit, text, json: words.includes('--json') ? JSON.parse(text) : null }
  }
  return {
    path: folder.path,
    home,
    append,
    run: (...words) => run([...words, '--json']),
    read: (...words) => run(words),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  }
}
