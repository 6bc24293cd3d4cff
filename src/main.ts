import { resolve } from 'node:path'
import type { Invocation } from './commands/program.ts'
import { parseCommandLine } from './commands/program.ts'
import { tellAtTheEnd } from './commands/pump-outbox.ts'
import { type ServingNow, servingNow } from './commands/serving.ts'
import type { CommandInput, CommandResult, GlobalOptions, Session } from './commands/session.ts'
import { isOperatorError, messageOf, OperatorError } from './errors/operator-error.ts'
import { errorDocument, errorLines } from './render/error-text.ts'
import { Screen } from './render/screen.ts'
import { defaultHome, wire } from './wire.ts'
import type { World } from './world.ts'

/** One command, from its words to its exit code. Never throws, never exits by itself. */
export async function main(argv: readonly string[], world: World): Promise<number> {
  const screen = new Screen(world, argv.includes('--json'))
  try {
    const invocation = parseCommandLine(argv, world)
    return invocation === null ? 0 : await runCommand(invocation, world, screen)
  } catch (error) {
    return render(
      screen,
      world,
      { exit: 1, document: {}, error: asOperatorError(error) },
      null,
      argv.includes('--debug'),
    )
  }
}

async function runCommand(invocation: Invocation, world: World, screen: Screen): Promise<number> {
  const { spec, args, options } = invocation
  const global: GlobalOptions = {
    json: options.json === true,
    home: typeof options.home === 'string' ? resolve(world.cwd, options.home) : defaultHome(world),
    config: resolve(world.cwd, typeof options.config === 'string' ? options.config : 'lastgood.yaml'),
    debug: options.debug === true,
  }
  let session: Session | null = null
  let mayWrite = false
  const doors = wire(world, global, screen)
  const input: CommandInput = {
    args,
    options,
    global,
    world,
    screen,
    ...doors,
    async open(need) {
      session = await doors.open(need)
      mayWrite = need.write
      return session
    },
  }
  const result = await attempt(spec.load, input)
  if (mayWrite && session !== null) screen.lines(await tellAtTheEnd(session))
  // Set inside a callback, which the compiler does not follow.
  const opened =
    (session as Session | null) ?? (spec.saysWhatServes ? await doors.look().catch(() => null) : null)
  const serving = opened !== null && spec.saysWhatServes ? await servingNow(opened).catch(() => null) : null
  await opened?.close()
  return render(screen, world, result, serving, global.debug)
}

async function attempt(load: Invocation['spec']['load'], input: CommandInput): Promise<CommandResult> {
  try {
    return await (await load()).run(input)
  } catch (error) {
    const known = asOperatorError(error)
    return { exit: known.exit, document: {}, error: known }
  }
}

/** Whatever happened, the last line says what is serving now. */
function render(
  screen: Screen,
  world: World,
  result: CommandResult,
  serving: ServingNow | null,
  debug: boolean,
): number {
  const { error } = result
  const exit = error?.exit ?? result.exit
  if (error !== undefined) screen.lines(errorLines(error, screen))
  if (error !== undefined && debug) world.stderr.write(`${stackOf(error)}\n`)
  if (serving !== null) screen.line(`Serving now: ${serving.text}`, 'bold')
  const failure = error === undefined ? {} : errorDocument(error)
  screen.document({
    ok: exit === 0,
    exit,
    ...failure,
    ...result.document,
    ...(serving === null ? {} : { serving }),
  })
  return exit
}

function asOperatorError(error: unknown): OperatorError {
  return isOperatorError(error)
    ? error
    : new OperatorError('INTERNAL', { detail: messageOf(error) }, { cause: error })
}

function stackOf(error: OperatorError): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${error.cause.stack}` : ''
  return `${error.stack}${cause}`
}
