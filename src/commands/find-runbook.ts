import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/** Where this home's runbooks lie; of one service, the file itself. Never fails: it is asked for when all else has. */
export function findRunbook(home: string): string {
  const services = join(home, 'services')
  const found = namesIn(services)
    .map((name) => join(services, name, 'runbook.md'))
    .filter((path) => existsSync(path))
  const [only, ...more] = found
  return only !== undefined && more.length === 0 ? only : join(services, 'SERVICE', 'runbook.md')
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}
