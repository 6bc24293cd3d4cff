// What the code of migrations offers, found by loading it: nothing is run and no database is asked.
import { drive, loadFile } from './driver.mjs'

await drive(async ({ files }) => {
  const found = []
  for (const file of files) {
    const module = await loadFile(file)
    const body = typeof module.default?.up === 'function' ? module.default : module
    found.push({ file, up: typeof body.up, down: kindOf(body.down), classes: classesOf(module) })
  }
  return found
})

/** `false` is node-pg-migrate's word for "there is no way down". */
function kindOf(down) {
  return down === false ? 'false' : typeof down
}

/** TypeORM's migrations are classes, and recorded by their names. */
function classesOf(module) {
  const exported = [...Object.values(module), ...Object.values(Object(module.default))]
  const classes = new Set(exported.filter((value) => typeof value === 'function' && value.prototype?.up))
  return [...classes].map((Migration) => ({
    name: new Migration().name ?? Migration.name,
    down: typeof Migration.prototype.down,
  }))
}
