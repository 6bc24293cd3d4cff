import { userInfo } from 'node:os'
import type { CommandRunner } from '../ports/command-runner.ts'
import type { Findings } from './findings.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** Where git looks for what it knows. */
const OF_GIT = ['PATH', 'HOME', 'XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM']

/** Whoever sets it up, as git knows them, and the account they work under; null: git knows nobody. */
export async function findPerson(
  directory: string,
  runner: CommandRunner,
  env: Environment,
): Promise<Findings['person']> {
  const known = Object.fromEntries(OF_GIT.flatMap((key) => (env[key] === undefined ? [] : [[key, env[key]]])))
  const ask = async (key: string) => {
    const args = ['config', '--get', key]
    const said = await runner.run({ program: 'git', args, cwd: directory, env: known, timeoutMs: 5_000 })
    return said.exitCode === 0 ? said.stdout.trim() : ''
  }
  const [name, email] = [await ask('user.name'), await ask('user.email')]
  if (!/^\S[^\n]*$/.test(name) || !/^[^\s@<>",;]+@[^\s@<>",;]+$/.test(email)) return null
  return { short: shortOf(email), name, email, account: userInfo().username }
}

/** `Ann.Lee+git@example.org` -> `ann.lee`. */
function shortOf(email: string): string {
  return /^[a-z0-9][a-z0-9._-]*/.exec(email.toLowerCase())?.[0] ?? 'me'
}
