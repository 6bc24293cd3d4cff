import type { Severity } from '../incident/words.ts'
import { PUBLIC_HEADLINES } from './customer-view.ts'
import { OCCASIONS, type Occasion } from './message.ts'
import { INSIDE, PUBLIC, type SinkKind, type SinkSettings } from './notify-configuration.ts'

const without = (...left: Occasion[]) => new Set(OCCASIONS.filter((occasion) => !left.includes(occasion)))

/** What each kind is told of. A person is not mailed for what a machine keeps a list of. */
const TAKES: Record<SinkKind, ReadonlySet<Occasion>> = {
  console: without(),
  file: without(),
  webhook: without(),
  'slack-webhook': without('change', 'review'),
  'slack-bot': without('change', 'review'),
  email: without('change', 'acknowledged'),
  github: without('change', 'page', 'acknowledged', 'update-due', 'review'),
  // An update would wake somebody who knows already.
  pagerduty: new Set([
    'opened',
    'person-needed',
    'acknowledged',
    'rollback-failed',
    'resolved',
    'dismissed',
    'page',
    'change',
  ]),
  statuspage: new Set(OCCASIONS.filter((occasion) => PUBLIC_HEADLINES[occasion] !== null)),
}

/** Which sinks a message goes to. A drill goes to none that reaches the outside; what is not public to none that is. */
export function routeMessage(
  sinks: readonly SinkSettings[],
  { occasion, drill, severity, publicUpdate }: Routed,
): SinkSettings[] {
  const taking = sinks.filter(({ kind, reader }) => {
    if (!TAKES[kind].has(occasion)) return false
    if (drill) return INSIDE.has(kind)
    if (!PUBLIC.has(kind) && reader !== 'customers') return true
    // What nobody feels is not announced.
    return PUBLIC_HEADLINES[occasion] !== null && publicUpdate && severity !== null && severity < 5
  })
  if (!TO_PERSONS.has(occasion)) return taking
  const mail = taking.find(({ kind }) => kind === 'email')
  return taking.filter((sink) => sink.kind !== 'email' || sink === mail)
}

/** What is mailed to persons, and not to a sink's own list: once, however many sinks there are. */
const TO_PERSONS: ReadonlySet<Occasion> = new Set(['page', 'review'])

interface Routed {
  occasion: Occasion
  drill: boolean
  severity: Severity | null
  /** Of an update: whether it is meant for customers, too. Otherwise true. */
  publicUpdate: boolean
}
