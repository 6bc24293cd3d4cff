import { access } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { OperatorError } from '../errors/operator-error.ts'
import type { CommandRunner } from '../ports/command-runner.ts'
import { appName, type EcosystemApp, readApps } from './ecosystem-app.ts'

export interface EcosystemQuestion {
  /** The checkout it is read from. */
  directory: string
  /** The file, relative to it. */
  file: string
  app: string
  /** Short commit, for the messages. */
  commit: string
  /** The file is a program, and this is what it sees. */
  env: Record<string, string>
  signal: AbortSignal
}

/** Stands before the answer, because the file may print lines of its own. */
const marker = '--lastgood-ecosystem--'
const program = `
  const [file] = process.argv.slice(1)
  const { pathToFileURL } = require('node:url')
  const load = file.endsWith('.json')
    ? Promise.resolve(require(file))
    : import(pathToFileURL(file).href).then((module) => module.default ?? module)
  load.then((content) => {
    process.stdout.write('\\n${marker}' + JSON.stringify(content), () => process.exit(0))
  }, (error) => {
    process.stderr.write(String(error?.stack ?? error), () => process.exit(1))
  })
`

/**
 * The service's entry in the ecosystem file of the release's own checkout, evaluated in a process of its own.
 * @throws OperatorError ECOSYSTEM_INVALID, UNKNOWN_APP
 */
export async function readEcosystem(
  runner: CommandRunner,
  question: EcosystemQuestion,
): Promise<EcosystemApp> {
  const { file: path, commit, app } = question
  const apps = readApps(await readContent(runner, question))
  const found = apps.find((one) => appName(one) === app)
  if (found !== undefined) return found
  const known = apps.map(appName).join(', ')
  throw new OperatorError('UNKNOWN_APP', { path, commit, app, known: known === '' ? 'none' : known })
}

async function readContent(runner: CommandRunner, question: EcosystemQuestion): Promise<unknown> {
  const path = join(question.directory, question.file)
  try {
    await access(path)
  } catch {
    throw invalid(question, 'the commit has no such file')
  }
  return /^\.ya?ml$/.test(extname(path)) ? readYaml(path, question) : evaluate(runner, path, question)
}

async function evaluate(runner: CommandRunner, path: string, question: EcosystemQuestion): Promise<unknown> {
  const { directory: cwd, env, signal } = question
  const args = ['-e', program, path]
  const result = await runner.run({ program: process.execPath, args, cwd, env, timeoutMs: 20_000, signal })
  if (result.outcome === 'aborted') throw new OperatorError('INTERRUPTED', { step: 'build-release' })
  const [, answer] = result.stdout.split(marker)
  if (result.outcome === 'timed-out') throw invalid(question, 'it did not end within 20 s')
  if (result.exitCode !== 0 || answer === undefined) {
    const lines = result.stderr.split('\n').filter((line) => line.trim() !== '')
    const cause = lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0] ?? 'it ended without an answer'
    throw invalid(question, cause, lines.slice(0, 10))
  }
  return answer === 'undefined' ? null : JSON.parse(answer)
}

async function readYaml(path: string, question: EcosystemQuestion): Promise<unknown> {
  const [{ parse }, { readFile }] = await Promise.all([import('yaml'), import('node:fs/promises')])
  try {
    return parse(await readFile(path, 'utf8'))
  } catch (error) {
    throw invalid(question, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
  }
}

function invalid(
  { file: path, commit }: EcosystemQuestion,
  detail: string,
  details: string[] = [],
): OperatorError {
  return new OperatorError('ECOSYSTEM_INVALID', { path, commit, detail }, { details })
}
