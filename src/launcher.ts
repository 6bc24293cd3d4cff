#!/usr/bin/env node
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Script } from 'node:vm'

/** sha-256 of the bundle, hexadecimal: put in by the build. */
declare const BUNDLE: string

/**
 * Starts the bundle. Compiling it is a third of the time until a rollback begins, so what V8 has compiled is kept in the
 * home and used the next time: only with the same bundle, Node and processor, and only when its own hash is right, because
 * V8 itself does not look. Whatever is wrong with it, the program starts as if there were none.
 */
const FORMAT = 1
const HASH_BYTES = 32
const folder = join(process.env.LASTGOOD_HOME ?? join(process.env.HOME ?? homedir(), '.lastgood'), 'cache')
const name = `${BUNDLE.slice(0, 16)}-${process.version}-${process.arch}`
const bundle = join(__dirname, 'program.cjs')

/** What a command has not run is not compiled; these run most of it. */
const rank = ['deploy', 'rollback', 'resume'].includes(process.argv[2] ?? '') ? 2 : 1
const kept = read()
const script = new Script(
  `(function (exports, require, module, __filename, __dirname) {${readFileSync(bundle, 'utf8')}\n})`,
  { filename: bundle, ...(kept === null ? {} : { cachedData: kept.data }) },
)
const keptRank = kept === null || script.cachedDataRejected === true ? 0 : kept.rank
if (rank > keptRank) process.once('exit', keep)
script.runInThisContext()({}, require, {}, bundle, __dirname)

function read(): { rank: number; data: Buffer } | null {
  try {
    const file = readFileSync(join(folder, name))
    const content = file.subarray(HASH_BYTES)
    const intact = file.subarray(0, HASH_BYTES).equals(createHash('sha256').update(content).digest())
    if (!intact || content[0] !== FORMAT) return null
    return { rank: content[1] ?? 0, data: content.subarray(2) }
  } catch {
    return null
  }
}

/** Only in a home that is there, and is ours: nothing is left behind where lastgood does not live. */
function keep(): void {
  try {
    if (statSync(join(folder, '..')).uid !== process.getuid?.()) return
    const content = Buffer.concat([Buffer.from([FORMAT, rank]), script.createCachedData()])
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const fresh = join(folder, `${name}.${process.pid}`)
    writeFileSync(fresh, Buffer.concat([createHash('sha256').update(content).digest(), content]), {
      mode: 0o600,
    })
    renameSync(fresh, join(folder, name))
    for (const other of readdirSync(folder)) if (other !== name) rmSync(join(folder, other), { force: true })
  } catch {
    // It would only have saved time: a full disk must not fail a rollback.
  }
}
