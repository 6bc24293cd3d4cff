/** One step of the schema. Released ones are never edited: write the next. */
export interface Migration {
  version: number
  /** A binary that does not know this version must not touch the file any more. */
  breaking: boolean
  sql: string
}

/**
 * `meta` is read by every version there ever will be: it never changes.
 *
 * `events` keeps the sealed text (see chain.ts) and nothing beside it that could disagree with it; the other columns are
 * computed from it, for the index and for whoever opens the file with sqlite3.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    breaking: true,
    sql: `
      CREATE TABLE meta (
        schema_version INTEGER NOT NULL,
        breaking_since INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE events (
        seq INTEGER PRIMARY KEY,
        body TEXT NOT NULL,
        hash TEXT NOT NULL,
        service TEXT GENERATED ALWAYS AS (body ->> '$.service') VIRTUAL,
        type TEXT GENERATED ALWAYS AS (body ->> '$.type') VIRTUAL,
        at TEXT GENERATED ALWAYS AS (body ->> '$.at') VIRTUAL
      ) STRICT;

      CREATE INDEX events_by_service ON events (service);

      CREATE TRIGGER events_never_change BEFORE UPDATE ON events
      BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;

      CREATE TRIGGER events_never_go BEFORE DELETE ON events
      BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;

      -- INSERT OR REPLACE deletes without asking the trigger above.
      CREATE TRIGGER events_never_replaced BEFORE INSERT ON events
      WHEN EXISTS (SELECT 1 FROM events WHERE seq = NEW.seq)
      BEGIN SELECT RAISE(ABORT, 'events are never replaced'); END;

      CREATE TABLE leases (
        service TEXT PRIMARY KEY,
        token TEXT NOT NULL,
        holder TEXT NOT NULL,
        reason TEXT NOT NULL,
        since INTEGER NOT NULL,
        heartbeat_at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL
      ) STRICT;
    `,
  },
]
