import { chmodSync, mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A Unix socket's path may have 107 characters, and PM2 and the agent put theirs deep inside. */
const LONGEST_PARENT = 24

/** `/tmp/lg-XXXXXX`: as short as it can be, and without links, so that paths can be compared. */
export function makeLabFolder(): string {
  const preferred = realpathSync(tmpdir())
  const parent = preferred.length <= LONGEST_PARENT ? preferred : realpathSync('/tmp')
  const dir = mkdtempSync(join(parent, 'lg-'))
  // Others may pass through, not look: PostgreSQL runs as another account when we are root.
  chmodSync(dir, 0o711)
  return dir
}
