import * as z from 'zod'
import { isTimeZone, parseWallClock } from '../domain/zoned-time.ts'
import { choiceOf, duration, expecting, mapOf, textOf, wholeNumber } from './scalar-schemas.ts'
import { commandSchema } from './word-schemas.ts'

export const line = (what: string) => textOf(`${what}, on one line`, /^\S[^\n]*$/)

export const clockTime = textOf('a time of day such as 09:00', /^([01]\d|2[0-3]):[0-5]\d$/)

const A_ZONE = 'a time zone such as Europe/Berlin or UTC'

export const timeZone = z
  .string({ error: expecting(A_ZONE) })
  .refine(isTimeZone, { error: `is no time zone that is known here; write ${A_ZONE}` })

const A_MOMENT = 'a date and a time of day such as 2026-03-01T09:00'

const moment = z
  .string({ error: expecting(A_MOMENT) })
  .refine((text) => parseWallClock(text) !== null, { error: `must be ${A_MOMENT}` })

export const emailAddress = textOf('an address such as ann@example.org', /^[^\s@<>",;]+@[^\s@<>",;]+$/)

const shortName = /^[a-z0-9][a-z0-9._-]*$/i

const names = (what: string) => z.array(line(what), { error: expecting(`a list, each ${what}`) })

const personSchema = mapOf('a map with at least a name', {
  name: line('a name').describe('As it is printed and said.'),
  phone: line('a number').nullable().default(null).describe('With the country: +49 30 1234567'),
  email: emailAddress.nullable().default(null).describe('Address for messages and invites.'),
  slack: line('a member id').nullable().default(null).describe('Member id in Slack: U0123456'),
  timeZone: timeZone.nullable().default(null).describe('Where this person lives: Europe/Berlin'),
  users: names('an account')
    .prefault([])
    .describe('Accounts this person works under. Empty: the short name.'),
})

const onCallSchema = mapOf('a map with people, or a command', {
  people: names('a short name').prefault([]).describe('Short names in the order they take turns.'),
  every: choiceOf('span', ['day', 'week']).default('week').describe('How long a turn lasts.'),
  handover: clockTime.prefault('09:00').describe('When it is handed over, by the wall clock there.'),
  since: textOf('a date such as 2026-01-05', /^\d{4}-\d{2}-\d{2}$/)
    .refine((text) => parseWallClock(text) !== null, { error: 'is a day that no calendar has' })
    .prefault('2024-01-01')
    .describe('Date of a handover to the first of them. By default a Monday.'),
  timeZone: timeZone.prefault('UTC').describe('Where the clock hangs.'),
  overrides: z
    .array(
      mapOf('a map with person, from and until', {
        person: line('a short name').describe('Who takes over.'),
        from: moment.describe('From when on.'),
        until: moment.describe('Until when.'),
      }),
      { error: expecting('a list of overrides') },
    )
    .prefault([])
    .describe('Swapped turns, holidays. The last that fits wins.'),
  command: commandSchema
    .nullable()
    .default(null)
    .describe('Prints who is on call: a short name, a name or an address. It wins over the rotation.'),
})

export const contactsSchema = mapOf('a map', {
  people: z
    .record(z.string().regex(shortName, { error: 'is not a short name' }), personSchema, {
      error: expecting('a map of short names to people'),
    })
    .prefault({})
    .describe(
      'Everybody who is ever called, by a short name: { ann: { name: Ann Lee, phone: "+49 30 1234567" } }',
    ),
  onCall: onCallSchema.nullable().default(null).describe('Who is called first. null: nobody is on call.'),
  roles: z
    .record(z.string(), line('a short name'), { error: expecting('a map of roles to short names') })
    .prefault({})
    .describe('Who is what: { devops-lead: bob, cto: cara }'),
  ladder: names('on-call, a role or a short name')
    .prefault(['on-call', 'devops-lead', 'cto'])
    .describe('Whom to page, in this order, until somebody answers. A rung that is nobody is left out.'),
  climbAfter: duration(1_000).prefault('5m').describe('How long a page waits for its answer.'),
  rounds: wholeNumber(1, 100).prefault(3).describe('How often the whole ladder is climbed.'),
  statusPage: z
    .url({ protocol: /^https?$/, error: 'must be a URL' })
    .nullable()
    .default(null)
    .describe('Where users look; printed on the card.'),
}).superRefine((contacts, context) => {
  const known = Object.keys(contacts.people)
  const check = (name: string, path: (string | number)[]) => {
    if (known.includes(name)) return
    const message = `is nobody of people${known.length === 0 ? '' : `; there: ${known.join(', ')}`}`
    context.addIssue({ code: 'custom', path, message })
  }
  for (const [role, name] of Object.entries(contacts.roles)) check(name, ['roles', role])
  const { people = [], overrides = [] } = contacts.onCall ?? {}
  for (const [i, name] of people.entries()) check(name, ['onCall', 'people', i])
  for (const [i, { person }] of overrides.entries()) check(person, ['onCall', 'overrides', i, 'person'])
  for (const [i, rung] of contacts.ladder.entries()) {
    const byDefault = ['on-call', 'devops-lead', 'cto'].includes(rung)
    if (!byDefault && !(rung in contacts.roles)) check(rung, ['ladder', i])
  }
})

export function contactsOf({ climbAfter, ...contacts }: z.output<typeof contactsSchema>) {
  return { ...contacts, climbAfterMs: climbAfter }
}
