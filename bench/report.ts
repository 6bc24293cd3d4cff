import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { describeMachine } from './machine.ts'

export type Report = {
  bench: string
  title: string
  /** Markdown, without heading and machine. */
  lines: string[]
  /** Written by --json. */
  document: Record<string, unknown>
}

const HEAD = `# Benchmarks

Written by \`npm run bench -- rollback|agent|status|journal|restore|watch\`, which replaces its own section. Each ran alone on the machine it names.
`

/** To the terminal, to its section of `docs`, and to `json`. */
export async function publish(report: Report, docs: string, json: string | undefined): Promise<void> {
  const date = new Date().toISOString().slice(0, 10)
  const measured = `Measured on ${date}: ${await describeMachine()}.`
  const text = [`## ${report.title}`, '', measured, '', ...report.lines].join('\n')
  console.log(`\n${text}`)
  await replaceSection(docs, report.bench, text)
  if (json !== undefined) await writeFile(json, `${JSON.stringify(report.document, null, 2)}\n`)
}

async function replaceSection(file: string, bench: string, text: string): Promise<void> {
  const before = await readFile(file, 'utf8').catch(() => HEAD)
  const [begin, end] = [`<!-- ${bench} -->`, `<!-- end of ${bench} -->`]
  const section = `${begin}\n\n${text}\n\n${end}`
  const from = before.indexOf(begin)
  const to = before.indexOf(end)
  const after =
    from >= 0 && to > from
      ? before.slice(0, from) + section + before.slice(to + end.length)
      : `${before.trimEnd()}\n\n${section}\n`
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, after)
}
