import * as z from 'zod'
import { PHASES, type TeamItem } from '../domain/incident/checklist-items.ts'
import type { IncidentConfiguration } from '../domain/incident-configuration.ts'
import { clockTime, emailAddress, line, timeZone } from './contacts-schema.ts'
import { choiceOf, expecting, mapOf, textOf, wholeNumber } from './scalar-schemas.ts'

export const incidentSchema = mapOf('a map', {
  folder: z
    .string({ error: expecting('a folder') })
    .min(1, 'must be a folder')
    .nullable()
    .default(null)
    .describe("Where reports are kept, relative to this file. null: in lastgood's home."),
  checklist: z
    .array(
      mapOf('a map with phase and title', {
        phase: choiceOf('phase', PHASES).describe('before, during or after the rollback.'),
        title: line('a title').describe('What is to be done: Search index rebuilt'),
      }),
      { error: expecting('a list of items') },
    )
    .superRefine((items, context) => {
      const ids = items.map(({ title }) => slugOf(title))
      ids.forEach((id, i) => {
        if (ids.indexOf(id) < i)
          context.addIssue({ code: 'custom', path: [i, 'title'], message: 'is there already' })
      })
    })
    .prefault([])
    .describe("The team's own items, beside those of the runbook. A person ticks them."),
  review: mapOf('a map', {
    timeZone: timeZone.prefault('UTC').describe('Whose working days and hours count.'),
    time: clockTime.prefault('10:00').describe('When the review begins.'),
    minutes: wholeNumber(5, 480).prefault(30).describe('How long it takes.'),
    organizer: emailAddress
      .nullable()
      .default(null)
      .describe('Whom the invite is from. null: the first who is invited.'),
    location: line('a room or a link').nullable().default(null).describe('A room, or a link.'),
  })
    .prefault({})
    .describe('The meeting after it: within 3 days of a SEV-1, else within 5 business days.'),
  issues: mapOf('a map with repository and token', {
    repository: textOf('owner/name', /^[\w.-]+\/[\w.-]+$/).describe(
      'Where action items are filed: shop/store',
    ),
    token: z
      .string({ error: expecting('a token') })
      .min(1, 'must be a token')
      .describe(`A token that may write issues: \${GITHUB_TOKEN}`),
    api: z
      .url({ protocol: /^https?$/, error: 'must be a URL' })
      .prefault('https://api.github.com')
      .describe('Base of the API; another one for GitHub Enterprise.'),
  })
    .nullable()
    .default(null)
    .describe('GitHub issues for action items. null: they are listed in the report.'),
})

export function incidentOf({ checklist, ...rest }: z.output<typeof incidentSchema>): IncidentConfiguration {
  const items = checklist.map(({ phase, title }): TeamItem => ({ id: slugOf(title), phase, title }))
  return { ...rest, checklist: items }
}

/** What a person types to tick it: `search-index-rebuilt`. */
function slugOf(title: string): string {
  const slug = title
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
  return `team-${slug === '' ? 'item' : slug}`
}
