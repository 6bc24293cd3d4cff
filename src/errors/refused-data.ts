import type { ErrorEntry } from './error-entry.ts'

/** 10-19: refused for what was seen of the database, nothing changed. */
export const refusedData = {
  NO_PROVEN_WAY: {
    exit: 12,
    title: 'No way back is proven to keep the data safe',
    message: 'Going back to {target} may need the database to go back too, and no way is proven: {ways}.',
    hint: 'What serves goes on serving. Try it on a copy: lastgood rehearse   or choose yourself: lastgood rollback --data keep|down|restore --plan',
  },
  WAY_IMPOSSIBLE: {
    exit: 12,
    title: 'The data cannot go back that way',
    message: 'The database cannot go back to {target} by "{way}": {reason}.',
    hint: 'The other ways, and what each costs: lastgood rollback --plan',
  },
  DATABASE_NOT_CONFIGURED: {
    exit: 12,
    title: 'No database is configured',
    message: 'This needs the database of the service, and {config} names none.',
    hint: 'Add a database with its url to it (docs/configuration.md), then: lastgood doctor',
  },
  DB_UNREACHABLE: {
    exit: 15,
    title: 'The database does not answer',
    message: 'PostgreSQL at {host}:{port} cannot be reached: {detail}.',
    hint: 'Try: pg_isready -h {host} -p {port}   then the same command again',
  },
  DB_LOGIN_REFUSED: {
    exit: 15,
    title: 'The database refused the login',
    message: 'PostgreSQL at {host}:{port} does not let {user} into {database}: {detail}.',
    hint: 'Set the user and password of database.url (or adminUrl), and look at pg_hba.conf; then: lastgood doctor',
  },
  DB_NOT_THERE: {
    exit: 11,
    title: 'No such database',
    message: 'There is no database {database} on {host}:{port}.',
    hint: "psql -h {host} -p {port} -U {user} -d postgres -c '\\l'   lists those that are there",
  },
  DB_NOT_ALLOWED: {
    exit: 15,
    title: 'The role lacks a right',
    message: 'PostgreSQL does not allow {user} to do this: {detail}.',
    hint: 'Grant it (ALTER ROLE {user} CREATEDB for databases), or set database.adminUrl to a role that may',
  },
  DB_DISK_FULL: {
    exit: 19,
    title: "The database server's disk is full",
    message: 'PostgreSQL at {host}:{port} has no space left: {detail}.',
    hint: 'On its host: df -h   then the same command again',
  },
  DB_READ_ONLY: {
    exit: 15,
    title: 'The database takes no writes',
    message: '{server} takes no writes: {detail}.',
    hint: 'A standby, or frozen: ask it with  SHOW default_transaction_read_only; SELECT pg_is_in_recovery()',
  },
  DB_LOCKED: {
    exit: 16,
    title: 'Something in the database is locked',
    message: 'A lock in {server} was not given up in time: {detail}.',
    hint: 'SELECT pid, state, query FROM pg_stat_activity   shows who holds it; then the same command again',
  },
  DB_IN_USE: {
    exit: 16,
    title: 'The database is in use',
    message: 'Somebody else is connected where nobody may be: {detail}.',
    hint: 'SELECT pid, usename, application_name FROM pg_stat_activity   shows who; then the same command again',
  },
  DB_CONNECTION_LOST: {
    exit: 33,
    title: 'The connection to the database was lost',
    message:
      'The connection to {server} ended while it was used: {detail}. Whether the last thing was done is not known.',
    hint: 'lastgood status   then the same command again: what is done already is found done',
  },
  UNKNOWN_CHECKPOINT: {
    exit: 11,
    title: 'No such checkpoint',
    message: 'There is no checkpoint {name} of {service}. Known: {known}.',
    hint: 'lastgood checkpoint list',
  },
  CHECKPOINT_DAMAGED: {
    exit: 12,
    title: 'The checkpoint is damaged',
    message: 'The checkpoint {checkpoint} cannot be trusted: {detail}.',
    hint: 'lastgood checkpoint list shows the others; lastgood checkpoint create makes a new one',
  },
  CHECKPOINT_NO_SPACE: {
    exit: 19,
    title: 'Too little space for a checkpoint',
    message: 'A checkpoint needs about {needed}, and {path} has {free} free. Nothing was begun.',
    hint: 'df -h {path}   lastgood checkpoint prune   or set database.checkpoints.folder to a larger disk',
  },
  DB_NO_SPACE: {
    exit: 19,
    title: "Too little space on the database server's disk",
    message:
      'A second database needs about {needed} beside what is there, and {path} on the server has {free} free. Nothing was begun.',
    hint: 'df -h {path}   lastgood restore drops replaced databases when they have expired; then the same command again',
  },
  CHECKPOINT_IN_USE: {
    exit: 18,
    title: 'Somebody is connected to the database',
    message:
      'The server copies {database} only while nobody else is connected to it, and this is in the way: {detail}.',
    hint: 'lastgood checkpoint create --template --pause 10s   ends sessions that it may end; or a dump, which needs nobody to leave: lastgood checkpoint create',
  },
  DB_ROLE_MISSING: {
    exit: 15,
    title: 'A role of the checkpoint is not there',
    message:
      'The objects of {checkpoint} belong to or are granted to roles the server does not have: {roles}.',
    hint: 'CREATE ROLE each of them, then the same command again',
  },
  DB_EXTENSION_MISSING: {
    exit: 15,
    title: 'An extension of the checkpoint is not there',
    message: '{checkpoint} needs extensions that the server does not have: {extensions}.',
    hint: 'Install them on the server (SELECT * FROM pg_available_extension_versions shows what is there), then again',
  },
  DB_SERVER_OLDER: {
    exit: 15,
    title: 'The server is older than the checkpoint',
    message: '{checkpoint} is of PostgreSQL {dumped}; the server is {server}, and cannot be sure to read it.',
    hint: 'Restore it on a server of version {dumped} or newer; psql -c "SHOW server_version"   shows what this one is',
  },
  DB_NAME_TAKEN: {
    exit: 16,
    title: 'The name of the new database is taken',
    message: 'There is a database {database} already, and it was not touched.',
    hint: 'DROP DATABASE it if nobody needs it, then the same command again',
  },
  DB_CLIENT_MISSING: {
    exit: 15,
    title: 'A program of PostgreSQL is not there',
    message: '{program} was found neither on PATH nor in the usual places.',
    hint: 'Install the client programs of PostgreSQL {major}: apt install postgresql-client-{major}',
  },
  DB_CLIENT_TOO_OLD: {
    exit: 15,
    title: 'A program of PostgreSQL is too old',
    message:
      'The newest {program} found is of version {found}; the server is of version {major}, which it cannot read.',
    hint: 'Install the newer client programs: apt install postgresql-client-{major}',
  },
  RESTORE_NOT_ALLOWED: {
    exit: 15,
    title: 'The role may not restore',
    message: 'The role {user} may not restore beside and swap: {detail}.',
    hint: 'Give it that, or set database.adminUrl in the configuration to a role that may; then: lastgood doctor',
  },
  SWAP_BLOCKED: {
    exit: 18,
    title: 'Something is in the way of the swap',
    message: '{database} cannot change places with another database: {detail}.',
    hint: 'Do what stands in the parentheses, then the same command again; lastgood doctor   looks at the rest',
  },
  SWAP_RUNNING: {
    exit: 18,
    title: 'A swap is running',
    message: 'A swap of {database} is running on the server at this moment, and did not end in time.',
    hint: "SELECT pid, state FROM pg_stat_activity WHERE application_name LIKE '%swap%'   shows it; then the same command again",
  },
  RESTORE_NOT_READY: {
    exit: 18,
    title: 'The restored database is not ready',
    message: 'Restore {restore} is in the state {stage}; this step needs {wanted}.',
    hint: 'lastgood restore   begins anew',
  },
  NOTHING_TO_UNDO: {
    exit: 11,
    title: 'No restore to take back',
    message: 'No restore of {database} can be taken back: {detail}.',
    hint: 'lastgood restore --list   shows the databases that are kept',
  },
  PGBOUNCER_UNREACHABLE: {
    exit: 15,
    title: 'PgBouncer does not answer',
    message: "PgBouncer's console cannot be reached: {detail}",
    hint: 'Set database.pgbouncer.adminUrl to postgres://USER:PASSWORD@HOST:PORT/pgbouncer with one of its admin_users; then: lastgood doctor',
  },
  MIGRATIONS_DIFFER: {
    exit: 11,
    title: 'The database has other migrations than the release',
    message:
      'What {tool} has applied in the database and what the release brings do not fit together, so nothing was run. Differences: {count}.',
    hint: 'lastgood migrations status   compares every release with the database',
  },
  MIGRATION_FORWARD_ONLY: {
    exit: 11,
    title: 'There is no way down',
    message: 'These migrations have no way down, so none was taken: {migrations}.',
    hint: 'Back with the data: lastgood restore   or write the missing down beside the migration, and deploy that first',
  },
  MIGRATION_TOOL_UNKNOWN: {
    exit: 14,
    title: 'The migration tool is not known',
    message: 'The release has migrations in {folder}, and the tool they belong to is not clear ({tool}).',
    hint: 'Set database.migrations.tool in the configuration, then: lastgood migrations status',
  },
  MIGRATIONS_UNREADABLE: {
    exit: 14,
    title: 'The migrations cannot be read',
    message: 'What migrations there are cannot be told: {detail}.',
    hint: 'Set database.migrations (tool, folder, table) in the configuration, then: lastgood migrations status',
  },
  REHEARSAL_NEEDS_CHECKPOINT: {
    exit: 12,
    title: 'Nothing to rehearse on',
    message: 'A rehearsal runs on a copy that is restored from a checkpoint, and {service} has no good one.',
    hint: 'lastgood checkpoint create   then the same command again',
  },
  MIGRATION_TOOL_MISSING: {
    exit: 15,
    title: 'The migration tool is not there',
    message: 'The program {tool} is neither in the release (node_modules/.bin) nor on PATH.',
    hint: 'Add it to the dependencies of the service, so that every release has its own; then: lastgood migrations status',
  },
} as const satisfies Record<string, ErrorEntry>
