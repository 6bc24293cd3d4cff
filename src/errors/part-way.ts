import type { ErrorEntry } from './error-entry.ts'

/** 30-39: partly changed, someone is needed. */
export const partWay = {
  NOT_TOLD: {
    exit: 37,
    title: 'Not everybody was told',
    message: '{count} of the messages did not get through: {detail}.',
    hint: 'lastgood notify list   shows what each sink has answered; what can still arrive is tried again',
  },
  STATUS_PAGE_NOT_WRITTEN: {
    exit: 37,
    title: 'The status page was not written',
    message: 'The status page in {folder} could not be written: {detail}.',
    hint: 'Look at its rights and its disk: ls -ld {folder}   then: lastgood notify flush',
  },
  STOPPED_PART_WAY: {
    exit: 30,
    title: 'Stopped part way',
    message: 'The {verb} to {to} stopped in step {step}, after the traffic had been moved: {detail}.',
    hint: 'Look: lastgood verify   Go on from there: lastgood resume   To another release: lastgood rollback RELEASE',
  },
  PUT_BACK_FAILED: {
    exit: 31,
    title: 'Could not be put back',
    message: 'The {verb} to {to} failed in step {step}, and taking it back failed as well: {detail}.',
    hint: 'lastgood status   then: lastgood resume --put-back',
  },
  NOT_WELL: {
    exit: 32,
    title: 'Verification failed',
    message: 'The service did not pass its checks: {detail}.',
    hint: 'lastgood rollback --plan shows the way back',
  },
  CACHE_NOT_CLEARED: {
    exit: 33,
    title: 'A cache was not emptied',
    message: 'It may still answer with what the release that was left has put there: {what}.',
    hint: 'Empty it by hand, then say so: lastgood incident tick cache-cleared --note "how"',
  },
  RESTORED_NOT_WELL: {
    exit: 32,
    title: 'The service is not well with the restored database',
    message: 'The databases have changed names, and the service did not pass its checks: {detail}.',
    hint: 'lastgood verify   looks again; lastgood restore --undo   puts the other database back',
  },
  NOT_KNOWN: {
    exit: 33,
    title: 'Verification is unknown',
    message: 'Nobody can say whether the service is well: {detail}.',
    hint: 'lastgood status   then: lastgood verify',
  },
  NOT_PROVEN: {
    exit: 34,
    title: 'The release did not prove itself',
    message: '{release} serves, but its bake ended with a finding: {detail}.',
    hint: 'lastgood rollback   goes back; lastgood verify looks again',
  },
  INTERRUPTED_AFTER_SWITCH: {
    exit: 35,
    title: 'Interrupted after the switch',
    message: 'Interrupted in step {step}, after the traffic had been moved to {to}.',
    hint: 'lastgood resume   ends it',
  },
  NOT_READY_TO_ROLL_BACK: {
    exit: 36,
    title: 'No way back right now',
    message: 'A rollback would not work right now: {detail}.',
    hint: 'Mend what is marked above, then: lastgood doctor',
  },
  MIGRATIONS_PARTLY_DONE: {
    exit: 37,
    title: 'The migrations stopped part way',
    message:
      '{tool} stopped on its way {way}: {detail}. Done: {done}. Applied now: {applied}. A part of the one that failed may be there as well.',
    hint: 'lastgood migrations status   The same command goes on from there; back with the data: lastgood restore',
  },
  NO_WAY_DOWN: {
    exit: 37,
    title: 'The migrations cannot be taken down',
    message: 'What {release} brought is still applied, and taking it down would not lead back: {why}.',
    hint: 'lastgood migrations status   Back with the data as it was before the deploy: lastgood restore --plan',
  },
  PGBOUNCER_STILL_PAUSED: {
    exit: 35,
    title: 'PgBouncer is still paused',
    message: 'PgBouncer did not resume {pool}, so its clients wait.',
    hint: 'On its console: RESUME {pool}   then: lastgood status',
  },
} as const satisfies Record<string, ErrorEntry>
