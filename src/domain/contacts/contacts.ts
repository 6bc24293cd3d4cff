/** `contacts:` in lastgood.yaml, checked, with every default filled in. Times in ms. */
export interface ContactsConfiguration {
  /** By the short name that the rest of the file, the commands and the journal use. */
  people: Record<string, Person>
  /** Null: nobody is on call, the ladder begins with its next rung. */
  onCall: OnCall | null
  /** What somebody is to the team: `devops-lead: ann`. */
  roles: Record<string, string>
  /** Whom to page, in this order: `on-call`, a role, or a person. */
  ladder: string[]
  /** Without an answer it climbs after this. */
  climbAfterMs: number
  /** How often the whole ladder is climbed. */
  rounds: number
  /** Where users look; printed on the card. */
  statusPage: string | null
}

export interface Person {
  name: string
  phone: string | null
  email: string | null
  /** Member id, for a mention. */
  slack: string | null
  timeZone: string | null
  /** Accounts under which this person works: what the journal has as actor begins with one of them. */
  users: string[]
}

export interface OnCall {
  /** In the order they take turns; empty: the command says who. */
  people: string[]
  every: 'day' | 'week'
  /** `09:00`, by the wall clock of `timeZone`. */
  handover: string
  /** Date of a handover to the first of `people`. */
  since: string
  timeZone: string
  /** Wall clock times of `timeZone`; the last that fits wins. */
  overrides: { person: string; from: string; until: string }[]
  /** Prints the short name, the name, or the address of whoever is on call. */
  command: string[] | null
}

export const NO_CONTACTS: ContactsConfiguration = {
  people: {},
  onCall: null,
  roles: {},
  ladder: ['on-call', 'devops-lead', 'cto'],
  climbAfterMs: 5 * 60_000,
  rounds: 3,
  statusPage: null,
}

/** By short name, name or address, or by the account in an actor such as `ann@web1`; null: nobody we know. */
export function findPerson(contacts: ContactsConfiguration, word: string): string | null {
  const wanted = word.trim().toLowerCase()
  const account = wanted.split('@')[0] ?? ''
  const is = (text: string | null) => text !== null && text.toLowerCase() === wanted
  const found =
    Object.entries(contacts.people).find(([id, { name, email }]) => is(id) || is(name) || is(email)) ??
    Object.entries(contacts.people).find(([id, { users }]) =>
      (users.length === 0 ? [id] : users).some((user) => user.toLowerCase() === account),
    )
  return found?.[0] ?? null
}
