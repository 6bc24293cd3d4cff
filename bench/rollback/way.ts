export const WAY_NAMES = [
  'lastgood',
  'lastgood-warm',
  'runbook-git',
  'runbook-pm2',
  'pm2-reload',
  'pm2-deploy-revert',
] as const

/** The same, where the store runs on Compose. */
export const COMPOSE_WAY_NAMES = ['lastgood', 'lastgood-warm', 'compose-up', 'docker-rollout'] as const

/** And on a swarm. */
export const SWARM_WAY_NAMES = ['lastgood', 'lastgood-warm', 'service-rollback'] as const

export type WayName =
  | (typeof WAY_NAMES)[number]
  | (typeof COMPOSE_WAY_NAMES)[number]
  | (typeof SWARM_WAY_NAMES)[number]

export const GOOD = 'good-2'
export const BAD = 'bad-errors'

/** A way back from the bad release to the good one. */
export type Way = {
  name: WayName
  /** What is typed, for the reader of the results. */
  does: string
  url: string
  /** Once, before the first run. */
  setUp(): Promise<void>
  /** The bad release serves, brought there by this way's own means. */
  makeBad(): Promise<void>
  /** The command. That it ended well proves nothing: what the shoppers get is looked at. */
  goBack(): Promise<void>
  /** After a run: nothing of it may take time from the others. */
  rest(): Promise<void>
  /** Milliseconds that one more container of the good release takes until it is ready: what no way can be quicker than. */
  boot?(): Promise<number>
  /** Milliseconds of each phase of the last run, where the way knows them. */
  phases?(): Promise<Record<string, number>>
}
