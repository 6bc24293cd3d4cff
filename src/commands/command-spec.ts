import type { CommandModule } from './session.ts'

export interface OptionSpec {
  /** As commander reads it: `--reason <text>`. */
  flags: string
  description: string
}

export interface CommandSpec {
  /** Words, as typed: `releases mark`. */
  name: string
  args: { name: string; required: boolean; description: string }[]
  summary: string
  description: string
  options: OptionSpec[]
  examples: { command: string; does: string }[]
  /** Whether the last line says what serves; only commands that print for another program leave it out. */
  saysWhatServes: boolean
  load(): Promise<CommandModule>
}

export const plan = { flags: '--plan', description: 'print what would be done, and do nothing' }
export const yes = { flags: '-y, --yes', description: 'do not ask' }
export const reason = { flags: '--reason <text>', description: 'why; kept in the journal' }
export const changing = [plan, yes, reason]
