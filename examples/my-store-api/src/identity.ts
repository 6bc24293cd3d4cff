import { readFileSync } from 'node:fs'

export type Identity = { release: string | null; version: string }

/**
 * Who is answering. The version is read beside this file, never from the working directory: a process manager
 * may start a release from anywhere. Read once: the files may be gone while the process still serves.
 */
export function readIdentity(env: NodeJS.ProcessEnv): Identity {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return { release: env.LASTGOOD_RELEASE || null, version }
}
