import type { ErrorEntry } from './error-entry.ts'

/** 40-49: lease held, or version too old. */
export const notNow = {
  LEASE_HELD: {
    exit: 40,
    title: 'Somebody else is at it',
    message: '{holder} holds {service} since {since}: {reason}.',
    hint: 'lastgood status   If that process is gone, its hold ends by itself in {seconds} s: lastgood resume',
  },
  LEASE_LOST: {
    exit: 41,
    title: 'The lease was lost',
    message: 'This run was not heard of in time, and its right to act has ended.',
    hint: 'lastgood status   then: lastgood resume',
  },
  WATCHED_ALREADY: {
    exit: 40,
    title: 'Somebody watches already',
    message: '{holder} watches {service} since {since}, and one watcher is enough.',
    hint: 'lastgood status   shows what it has found. To watch from here, end that process first',
  },
  WATCH_LOST: {
    exit: 41,
    title: 'The right to watch was lost',
    message: 'This watcher was not heard of in time, and another may have begun.',
    hint: 'lastgood watch   begins again, where this one was',
  },
  CHECKPOINT_RUNNING: {
    exit: 40,
    title: 'The checkpoint is being written',
    message: 'Another process writes the checkpoint {checkpoint} of {service} at this moment.',
    hint: 'lastgood checkpoint list   shows it when it is there',
  },
  REHEARSAL_RUNNING: {
    exit: 40,
    title: 'A rehearsal is running',
    message: 'Another lastgood rehearses on a copy of {database} at this moment (server process {pid}).',
    hint: 'Wait for it, then the same command again; lastgood doctor   shows what it has found',
  },
  HOME_TOO_NEW: {
    exit: 42,
    title: 'The home was written by a newer lastgood',
    message: '{path} was written by a version that this one ({version}) must not touch (schema {schema}).',
    hint: 'npm install -g lastgood@latest',
  },
  MIGRATIONS_BUSY: {
    exit: 43,
    title: 'Migrations are being run',
    message: '{who} is at the migrations of this database (server process {pid}).',
    hint: 'Wait for it, then the same command again; lastgood migrations status   shows what is applied',
  },
} as const satisfies Record<string, ErrorEntry>
