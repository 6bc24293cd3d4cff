import { resolve } from 'node:path'
import { makeStoreHistory } from './make-store-history.ts'

const [dir, ...rest] = process.argv.slice(2)
if (!dir || rest.length > 0) {
  console.error('usage: npx tsx lab/history/main.ts DIR')
  process.exit(2)
}
const history = await makeStoreHistory(resolve(dir))
for (const [tag, sha] of Object.entries(history.commits)) console.log(`${sha}  ${tag}`)
