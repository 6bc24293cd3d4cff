import type { ErrorEntry } from './error-entry.ts'

/** 20-29: failed and put back. */
export const failedAndPutBack = {
  BUILD_FAILED: {
    exit: 20,
    title: 'The build failed',
    message: '{command} failed with {outcome}.',
    hint: 'The whole log: cat {log}',
  },
  FOUND_BAD: {
    exit: 29,
    title: 'The release was found bad and is gone again',
    message: '{release} was found bad while it baked, and {to} serves again: {detail}.',
    hint: 'lastgood why   explains it; its commit is not put out again without --force',
  },
  PUSH_FAILED: {
    exit: 20,
    title: 'The registry did not take the image',
    message: 'The image could not be pushed to {registry}: {detail}.',
    hint: 'docker login, where the registry asks for it; then the same command again',
  },
  CANDIDATE_CRASHED: {
    exit: 21,
    title: 'The candidate crashed',
    message: '{release} ended by itself while it was started, before it had any traffic.',
    hint: 'The whole log: cat {log}',
  },
  CANDIDATE_NOT_READY: {
    exit: 21,
    title: 'The candidate never became ready',
    message:
      '{release} was not ready after {seconds} s ({ready} of {instances} instances); it had no traffic.',
    hint: 'What it said: cat {log}   More time: start.timeout in the configuration',
  },
  CANDIDATE_SICK: {
    exit: 22,
    title: 'The candidate did not pass its checks',
    message: '{release} was tried in private and is not well: {detail}. It had no traffic.',
    hint: 'What it said: cat {log}',
  },
  PORT_TAKEN: {
    exit: 23,
    title: 'The port is taken',
    message: 'Port {port} is held by a process that is not the service{holder}.',
    hint: 'ss -ltnp "sport = :{port}"   shows who; then the same command again',
  },
  ACTIVATION_FAILED: {
    exit: 24,
    title: 'The release did not take traffic',
    message: '{release} could not begin to listen: {detail}.',
    hint: 'What it said: cat {log}',
  },
  VERIFICATION_FAILED: {
    exit: 25,
    title: 'Verification failed',
    message: '{release} took traffic and did not pass its checks: {detail}.',
    hint: 'lastgood verify   lastgood status',
  },
  INTERRUPTED: {
    exit: 26,
    title: 'Interrupted',
    message: 'Interrupted in step {step}; what was begun has been put back.',
    hint: 'lastgood status   or the same command again',
  },
  RUNTIME_FAILED: {
    exit: 27,
    title: 'The runtime refused',
    message: '{operation} failed: {detail}.',
    hint: 'lastgood status   lastgood doctor',
  },
  SALVAGE_NOTHING_KEPT: {
    exit: 11,
    title: 'No damaged database is kept',
    message:
      'No database that {database} took the place of is kept on the server, so there is nothing to salvage from.',
    hint: 'Name one with: lastgood salvage --from DATABASE   (restored into a database of its own: lastgood checkpoint list)',
  },
  SALVAGE_UNKNOWN_TABLE: {
    exit: 11,
    title: 'No such table in both databases',
    message:
      '{table} is no table that both {damaged} and {restored} have. Tables with rows to bring back: {known}.',
    hint: 'lastgood salvage   lists what was written',
  },
  SALVAGE_PREDICATE_INVALID: {
    exit: 10,
    title: 'The condition cannot be used',
    message: 'The condition of the rows to leave out cannot be used: {detail}.',
    hint: 'It is what stands behind WHERE, as in: lastgood salvage --reinsert orders --without "orders.total_cents < 0"',
  },
  SALVAGE_PARENTS_MISSING: {
    exit: 17,
    title: 'Rows refer to rows that are not there',
    message: 'Rows of {tables} refer to rows that are not in {restored}. Nothing was written.',
    hint: 'Bring those back as well: lastgood salvage --reinsert {wanted}   or leave rows out with --without "CONDITION"',
  },
  SALVAGE_CYCLE: {
    exit: 17,
    title: 'Tables refer to each other in a ring',
    message:
      '{cycle} refer to each other, so none can be written first, and {user} may not turn triggers off.',
    hint: 'Set database.adminUrl to a superuser (or GRANT SET ON PARAMETER session_replication_role TO {user}), or make one of those foreign keys DEFERRABLE',
  },
  SALVAGE_COLUMN_MISSING: {
    exit: 17,
    title: 'A column would stay empty that must not',
    message: '{table}.{column} must have a value, has no default, and {damaged} does not have that column.',
    hint: 'Give it a default (ALTER TABLE ... SET DEFAULT), or take the rows by hand: lastgood salvage --export FOLDER',
  },
  SALVAGE_FOLDER_TAKEN: {
    exit: 10,
    title: 'The folder holds something else',
    message: '{path} is not empty and holds no export of lastgood; nothing was written.',
    hint: 'Name another: lastgood salvage --export FOLDER',
  },
  SALVAGE_REFUSED: {
    exit: 28,
    title: 'Rows could not be written as they were',
    message: 'Rows of {table} could not be brought back as they were: {detail}. All of it was taken back.',
    hint: 'Leave them out with --without "CONDITION", or take them by hand: lastgood salvage --export FOLDER',
  },
  REHEARSAL_FAILED: {
    exit: 28,
    title: 'The release did not pass its rehearsal',
    message: '{release} was rehearsed on a private copy of the database and cannot go out: {detail}.',
    hint: 'Mend it and deploy that; the live database was not touched. lastgood rehearse {release}   tries again',
  },
  NO_WAY_BACK: {
    exit: 28,
    title: 'There would be no way back',
    message: 'Once {release} serves there is no way back from it: {because}.',
    hint: 'Write a way down that keeps the rows, or let the old release run on the new schema. To go without: lastgood deploy --without-way-back --reason "..."',
  },
  CHECKPOINT_FAILED: {
    exit: 28,
    title: 'The checkpoint was not made',
    message: 'pg_dump {outcome}: {detail}. What it had written was removed.',
    hint: 'lastgood checkpoint list shows what there is; then: lastgood checkpoint create',
  },
  CHECKPOINT_HELD_UP: {
    exit: 28,
    title: 'The copy on the server was given up',
    message: '{database} was not copied, and connections go on as before: {detail}.',
    hint: 'A longer time: lastgood checkpoint create --template --pause TIME   or a dump, for which nobody has to wait: lastgood checkpoint create',
  },
  DB_RESTORE_FAILED: {
    exit: 28,
    title: 'The checkpoint could not be restored',
    message: 'pg_restore of {checkpoint} {outcome}: {detail}. The database it was building was dropped.',
    hint: 'lastgood checkpoint verify {checkpoint}   another one: lastgood checkpoint list',
  },
  CHECKPOINT_NOT_GOOD: {
    exit: 28,
    title: 'The checkpoint is not what its record says',
    message: '{checkpoint} was restored for trial and is not what was written down: {detail}.',
    hint: 'lastgood checkpoint create makes a new one; lastgood checkpoint list shows the others',
  },
  SWAP_GAVE_UP: {
    exit: 29,
    title: 'The swap was put back',
    message: 'The databases could not change places, and {database} serves as before: {detail}.',
    hint: 'End what holds it (SELECT pg_terminate_backend(PID), or the program itself), then the same command again',
  },
  PGBOUNCER_NOT_PAUSED: {
    exit: 29,
    title: 'PgBouncer could not be paused',
    message: 'PgBouncer could not pause {database}, and goes on as before: {detail}.',
    hint: 'pool_mode = transaction lets it pause between transactions; SHOW CLIENTS on its console shows who stays',
  },
  RESTORE_DIFFERS: {
    exit: 28,
    title: 'The restored database is not what the checkpoint says',
    message: 'What was restored from {checkpoint} differs in {count} places from its record: {first}.',
    hint: 'lastgood checkpoint verify {checkpoint}   and restore another: lastgood checkpoint list',
  },
  FREEZE_NOT_HELD: {
    exit: 28,
    title: 'Writes could not be stopped',
    message: '{database} could not be made read-only, and takes writes as before: {detail}.',
    hint: 'Stop the service instead (pm2 stop), or end those connections; then the same command again',
  },
  DB_FAILED: {
    exit: 27,
    title: 'PostgreSQL refused',
    message: '{server} refused: {detail}.',
    hint: 'lastgood status   then the same command again with --debug',
  },
  MIGRATION_FAILED: {
    exit: 28,
    title: 'The migration failed',
    message:
      '{tool} did not go {way}: {detail}. As its own record says, nothing changed; applied now: {applied}.',
    hint: 'lastgood migrations status   then the same command again',
  },
} as const satisfies Record<string, ErrorEntry>
