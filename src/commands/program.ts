import { Command, CommanderError } from 'commander'
import { OperatorError } from '../errors/operator-error.ts'
import { version } from '../version.ts'
import type { World } from '../world.ts'
import type { CommandSpec } from './command-spec.ts'
import { commands, globalOptions } from './table.ts'

/** What was asked for, in words; null: help or the version was, and has been printed. */
export interface Invocation {
  spec: CommandSpec
  args: Record<string, string | undefined>
  options: Record<string, string | boolean | undefined>
}

/** @throws OperatorError USAGE for anything the table does not know */
export function parseCommandLine(argv: readonly string[], world: World): Invocation | null {
  let invocation: Invocation | null = null
  const words = argv.length === 0 ? ['--help'] : [...argv]
  const program = buildProgram(world, (found) => {
    invocation = found
  })
  try {
    program.parse(words, { from: 'user' })
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    if (error.exitCode === 0) return null
    const detail = describeMistake(error, argv)
    throw new OperatorError('USAGE', { detail, command: commandIn(argv) })
  }
  return invocation
}

function buildProgram(world: World, found: (invocation: Invocation) => void): Command {
  const program = new Command('lastgood')
    .description('Takes a Node.js + PostgreSQL service back to its last known good release.')
    .version(version, '--version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'help for a command')
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: false, helpWidth: Math.min(world.stdout.columns, 100) })
    .configureOutput({ writeOut: (text) => world.stdout.write(text), writeErr: () => {} })
    .exitOverride()
    .addHelpText(
      'after',
      '\nStart with: lastgood init, then lastgood doctor.\nAt 3 in the morning: lastgood rollback',
    )
  const groups = new Map<string, Command>()
  for (const spec of commands) addCommand(program, groups, spec, found)
  return program
}

function addCommand(
  program: Command,
  groups: Map<string, Command>,
  spec: CommandSpec,
  found: (invocation: Invocation) => void,
): void {
  const words = spec.name.split(' ')
  const [group = '', verb] = words
  const parent = verb === undefined ? program : (groups.get(group) ?? addGroup(program, groups, group))
  const command = parent
    .command(verb ?? group)
    .summary(spec.summary)
    .description(spec.description)
  command.copyInheritedSettings(program)
  groups.set(spec.name, command)
  for (const { name, required, description } of spec.args) {
    command.argument(required ? `<${name}>` : `[${name}]`, description)
  }
  for (const { flags, description } of [...spec.options, ...globalOptions]) command.option(flags, description)
  const examples = spec.examples.map(({ command: line, does }) => `  ${line}\n      ${does}`)
  command.addHelpText('after', `\nExamples:\n${examples.join('\n')}`)
  command.action((...received: unknown[]) => {
    const args = Object.fromEntries(spec.args.map(({ name }, i) => [name, textOrNothing(received[i])]))
    found({ spec, args, options: optionsOf(command) })
  })
}

/** A word with verbs below it and no action of its own: `journal`. */
function addGroup(program: Command, groups: Map<string, Command>, name: string): Command {
  const verbs = commands.flatMap((spec) =>
    spec.name.startsWith(`${name} `) ? [spec.name.slice(name.length + 1)] : [],
  )
  const group = program.command(name).summary(`${verbs.join(', ')}: see lastgood ${name} --help`)
  group.copyInheritedSettings(program)
  groups.set(name, group)
  return group
}

function optionsOf(command: Command): Invocation['options'] {
  // `--put-back` is `putBack` to commander; the table's own spelling is used everywhere else.
  const entries = command.options.map((option) => {
    const value: unknown = command.optsWithGlobals()[option.attributeName()]
    const name = option.negate ? option.attributeName() : option.name()
    return [name, typeof value === 'string' || typeof value === 'boolean' ? value : undefined] as const
  })
  return Object.fromEntries(entries)
}

function textOrNothing(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Commander's own words; it has none for a group without its verb, such as `lastgood journal`. */
function describeMistake(error: CommanderError, argv: readonly string[]): string {
  if (error.code !== 'commander.help') return error.message.replace(/^error: /, '').replaceAll('\n', ' ')
  const group = argv.find((word) => !word.startsWith('-')) ?? ''
  const verbs = commands.flatMap(({ name }) => (name.startsWith(`${group} `) ? [name] : []))
  return `lastgood ${group} needs one more word: ${verbs.map((name) => `lastgood ${name}`).join(', ')}.`
}

function commandIn(argv: readonly string[]): string {
  const words = argv.filter((word) => !word.startsWith('-'))
  const known = commands.find(({ name }) => words.join(' ').startsWith(name))
  return known?.name ?? ''
}
