/** What people write into the report, by the heading it stands under. */
export type Edits = ReadonlyMap<string, string>

export const EDIT_SLOTS = {
  Summary: ['What happened, in two sentences, for somebody who was not there?'],
  'Contributing causes': [
    'What was changed, and what did it rely on that was not so?',
    'Which of it would have been harmless alone?',
    'What made it look right when it was reviewed?',
  ],
  'Why it was not caught earlier': [
    'Which test, check or alert would have shown it before the users did?',
    'How would the time to its detection have been cut by half?',
  ],
  Prevention: [
    'What notices it sooner, what keeps it from happening, what makes it hurt less?',
    'Which step of the runbook was missing, wrong or too slow?',
  ],
  'What went well': ['What would you want to be there again the next time?'],
  'Where we were lucky': ['What would have made it worse, and did not happen?'],
} as const

/** The file people edit, as it is when nobody has yet. It is written once and never changed by lastgood. */
export function emptyEdits(incident: string): string {
  return [
    `<!-- ${incident}: this file is yours. lastgood puts what you write under a heading into the report, each time it is made,`,
    '     and never changes this file. Headings of your own become sections of their own. -->',
    '',
    ...Object.entries(EDIT_SLOTS).flatMap(([title, questions]) => [
      `## ${title}`,
      '',
      ...questions.map((question) => `<!-- ${question} -->`),
      '',
    ]),
  ].join('\n')
}

/** Comments are no words: a section with nothing else is empty, and its questions stand in the report. */
export function parseEdits(text: string): Map<string, string> {
  const found = new Map<string, string>()
  let title: string | null = null
  let lines: string[] = []
  let fence: string | null = null
  const keep = () => {
    const words = lines
      .join('\n')
      .replace(/<!--[\s\S]*?(-->|$)/g, '')
      .trim()
    if (title !== null && words !== '')
      found.set(title, [found.get(title), words].filter(Boolean).join('\n\n'))
  }
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    const mark = /^\s{0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark !== undefined) fence = fence === null ? mark : mark.startsWith(fence) ? null : fence
    const heading = fence === null ? /^##\s+(.+?)\s*#*$/.exec(line)?.[1] : undefined
    if (heading === undefined) lines.push(line)
    else {
      keep()
      title = heading
      lines = []
    }
  }
  keep()
  return found
}
