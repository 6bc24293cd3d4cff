import type { CommandSpec } from './command-spec.ts'

/** Telling others by hand, and looking whether they were told. */
export const notifyCommands: CommandSpec[] = [
  {
    name: 'notify list',
    args: [],
    summary: 'what was told, to whom, and what became of it',
    description:
      'Every message of the last days with what each sink has answered: pending, sent, confirmed or failed, how often it was tried, and when it is tried again.',
    options: [{ flags: '--all', description: 'also those of long ago' }],
    examples: [{ command: 'lastgood notify list', does: 'shows what is through and what is not' }],
    saysWhatServes: false,
    load: async () => ({ run: (await import('./notify.ts')).list }),
  },
  {
    name: 'notify flush',
    args: [],
    summary: 'tell what is due now, and wait for it',
    description:
      'Puts into words what has happened and was not told yet, hands it to the sinks, and writes the status page. Waits up to a minute for those that ask for time.',
    options: [{ flags: '--wait <time>', description: 'how long at most (default: 60s)' }],
    examples: [{ command: 'lastgood notify flush', does: 'after the network is back' }],
    saysWhatServes: false,
    load: async () => ({ run: (await import('./notify.ts')).flush }),
  },
  {
    name: 'notify test',
    args: [{ name: 'sink', required: false, description: 'one sink (default: all)' }],
    summary: 'send a marked test to each sink',
    description:
      'A message that says that it is a test goes to each sink, now and past the outbox. Where it would be public, or would have to be cleaned up, only the key is tried: Statuspage and GitHub.',
    options: [],
    examples: [{ command: 'lastgood notify test', does: 'shows for each sink whether it works' }],
    saysWhatServes: false,
    load: async () => ({ run: (await import('./notify-test.ts')).run }),
  },
  {
    name: 'notify templates',
    args: [{ name: 'folder', required: true, description: 'where to write them' }],
    summary: 'write the built-in templates out, to be changed',
    description:
      'One Markdown file for each kind of message and reader. Put the folder into notify.templates; lastgood doctor checks what you change.',
    options: [],
    examples: [{ command: 'lastgood notify templates ops/messages', does: 'writes eight files' }],
    saysWhatServes: false,
    load: async () => ({ run: (await import('./notify-templates.ts')).run }),
  },
]
