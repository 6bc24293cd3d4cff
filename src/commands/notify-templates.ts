import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BUILTIN_TEMPLATES } from '../domain/notify/builtin-templates.ts'
import { OperatorError } from '../errors/operator-error.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Writes nothing over: what is there was changed by somebody. */
export async function run({ args, world, screen }: CommandInput): Promise<CommandResult> {
  const folder = resolve(world.cwd, args.folder ?? '.')
  const files = Object.entries(BUILTIN_TEMPLATES).map(([name, text]) => ({ name: `${name}.md`, text }))
  const there = files.filter(({ name }) => existsSync(join(folder, name)))
  if (there.length > 0)
    throw new OperatorError('TEMPLATES_EXIST', { folder, names: there.map(({ name }) => name).join(', ') })
  await mkdir(folder, { recursive: true })
  for (const { name, text } of files) await writeFile(join(folder, name), text, { flag: 'wx' })
  screen.lines(files.map(({ name }) => `  ${join(folder, name)}`))
  return { exit: 0, document: { folder, files: files.map(({ name }) => name) } }
}
