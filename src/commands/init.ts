import { writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { OperatorError, systemCode } from '../errors/operator-error.ts'
import { inspectProject } from '../init/inspect-project.ts'
import { renderConfiguration } from '../init/render-configuration.ts'
import type { CommandInput, CommandResult } from './session.ts'

/** Looks at the project and writes a commented configuration; never over one that is there. */
export async function run(input: CommandInput): Promise<CommandResult> {
  const path = input.global.config
  const findings = await inspectProject(dirname(path), { runner: input.runner, env: input.world.env })
  const text = renderConfiguration(findings)
  if (input.options.plan === true) {
    input.screen.lines([text])
    return { exit: 0, document: { path, text } }
  }
  try {
    await writeFile(path, text, { flag: 'wx' })
  } catch (error) {
    if (systemCode(error) === 'EEXIST') throw new OperatorError('CONFIG_EXISTS', { path })
    throw error
  }
  input.screen.line(`Wrote ${path}. Read it once; every line says what it is for.`, 'green')
  input.screen.line('Then: lastgood doctor')
  return { exit: 0, document: { path } }
}
