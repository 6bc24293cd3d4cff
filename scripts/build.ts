import { createHash } from 'node:crypto'
import { chmod, cp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { runOrFail } from '../lab/run.ts'

const at = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/**
 * dist/ as it is published: the program bundled into one file (it starts twice as fast as from two hundred) and its
 * launcher; the agent, compiled file by file, because it is copied into the homes of services; and the judge, for programs of
 * others (`lastgood/evidence`). Built beside, then put in place at once.
 */
const fresh = at('dist.next')
await rm(fresh, { recursive: true, force: true })
const compile = (part: 'agent' | 'evidence') =>
  runOrFail(at('node_modules/.bin/tsc'), ['-p', at(`tsconfig.${part}.json`), '--outDir', `${fresh}/${part}`])
await Promise.all([compile('agent'), compile('evidence')])
// The compiler leaves `.ts` in the imports of declarations, which not every reader of them takes.
for (const name of await readdir(`${fresh}/evidence`)) {
  if (!name.endsWith('.d.ts')) continue
  const declarations = await readFile(`${fresh}/evidence/${name}`, 'utf8')
  await writeFile(`${fresh}/evidence/${name}`, declarations.replace(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"))
}
await build({
  entryPoints: { program: at('src/bin.ts') },
  outdir: fresh,
  outExtension: { '.js': '.cjs' },
  bundle: true,
  // What the launcher can compile ahead; import() still loads nothing before it is asked for.
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  minifyWhitespace: true,
  minifySyntax: true,
  // Native: it finds its library beside itself.
  external: ['libsql'],
  define: { 'import.meta.url': 'bundleUrl' },
  banner: { js: "const bundleUrl = require('node:url').pathToFileURL(__filename).href;" },
  legalComments: 'linked',
  logLevel: 'warning',
})
const bundle = await readFile(`${fresh}/program.cjs`)
await build({
  entryPoints: { lastgood: at('src/launcher.ts') },
  outdir: fresh,
  outExtension: { '.js': '.cjs' },
  format: 'cjs',
  platform: 'node',
  target: 'node20.19',
  define: { BUNDLE: JSON.stringify(createHash('sha256').update(bundle).digest('hex')) },
  logLevel: 'warning',
})
// They run with the node_modules of a release, so they stay files of their own.
await cp(at('src/database/migrations/drivers'), `${fresh}/database/migrations/drivers`, { recursive: true })
await chmod(`${fresh}/lastgood.cjs`, 0o755)
await rm(at('dist.old'), { recursive: true, force: true })
await rename(at('dist'), at('dist.old')).catch(() => {})
await rename(fresh, at('dist'))
await rm(at('dist.old'), { recursive: true, force: true })
