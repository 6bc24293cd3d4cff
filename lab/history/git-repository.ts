import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)
const AUTHOR = { name: 'Store Team', email: 'store-team@example.com' }

export type Git = (args: string[], at?: string) => Promise<string>

/**
 * Git in `dir`, deaf to the user's and the machine's configuration, hooks and environment: the same commands
 * give the same hashes everywhere. `at` dates a commit.
 */
export function gitIn(dir: string): Git {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))
  const fixed = {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: AUTHOR.name,
    GIT_AUTHOR_EMAIL: AUTHOR.email,
    GIT_COMMITTER_NAME: AUTHOR.name,
    GIT_COMMITTER_EMAIL: AUTHOR.email,
  }
  return async (args, at) => {
    const dates = at ? { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at } : {}
    const env = { ...Object.fromEntries(inherited), ...fixed, ...dates }
    const { stdout } = await run('git', args, { cwd: dir, env })
    return stdout.trim()
  }
}
