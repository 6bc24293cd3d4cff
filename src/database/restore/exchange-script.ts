import { quoteIdentifier, quoteLiteral } from '../postgres/identifier.ts'

/** Two databases that change places, or one that takes a place that is free. */
export interface Exchange {
  /** The name that clients use. */
  name: string
  /** What has it now; null: nothing. */
  outgoing: { oid: number; sessionPid: number; renamedTo: string; comment: string } | null
  incoming: { oid: number; sessionPid: number; name: string; comment: string | null }
  /** Comments of the incoming one on the way: see DatabaseMark. */
  marks: { swapping: string; ready: string; putBack: string }
  patienceMs: number
}

/** Raised by the script, when everything is as it was. */
export const GAVE_UP = 'LG001'

/**
 * The whole exchange as one statement, so that the server ends it, one way or the other, also when we are killed in the
 * middle. Three transactions:
 *
 * 1. The mark, and both databases refuse connections.
 * 2. Everybody but our own two sessions is sent away. Those two copy how far the sequences are, write the mark `ready` and
 *    leave. When they leave without it, we died: the exchange is off. When somebody does not go in time: off, too.
 * 3. Both renames, both comments, connections allowed; or all of it as it was.
 *
 * RENAME looks for others every 100 ms, so it is not begun while anybody is left. Only an autovacuum worker, which not every
 * role may end, is waited for no longer than RENAME itself would. A session is gone from the list of activity a moment before
 * RENAME stops to see it: hence two looks.
 *
 * A connection that was let in a moment before 1 appears late, so the sending away is repeated. One that is still unseen
 * in 3 is met by RENAME itself, which waits for it and then fails.
 */
export function exchangeScript({ name, outgoing, incoming, marks, patienceMs }: Exchange): string {
  const [live, next] = [quoteIdentifier(name), quoteIdentifier(incoming.name)]
  const oids = [incoming.oid, ...(outgoing === null ? [] : [outgoing.oid])].join(', ')
  const ours = [incoming.sessionPid, ...(outgoing === null ? [] : [outgoing.sessionPid])].join(', ')
  const allow = (yes: boolean) => [
    ...(outgoing === null ? [] : [`ALTER DATABASE ${live} ALLOW_CONNECTIONS ${yes};`]),
    `ALTER DATABASE ${next} ALLOW_CONNECTIONS ${yes};`,
  ]
  return inDollars(`
DECLARE
  deadline timestamptz := clock_timestamp() + interval '${Math.round(patienceMs)} ms';
  failure text; who text; gone boolean; ready boolean; turn integer := 0; settling integer := 0; alone integer := 0; one record;
BEGIN
  COMMENT ON DATABASE ${next} IS ${quoteLiteral(marks.swapping)};
  ${allow(false).join('\n  ')}
  COMMIT;
  BEGIN
    LOOP
      PERFORM pg_stat_clear_snapshot();
      IF turn % 25 = 0 THEN
        FOR one IN SELECT pid FROM pg_stat_activity WHERE datid IN (${oids}) AND pid NOT IN (${ours}) LOOP
          BEGIN
            PERFORM pg_terminate_backend(one.pid);
          EXCEPTION WHEN insufficient_privilege THEN NULL;
          END;
        END LOOP;
      END IF;
      turn := turn + 1;
      gone := NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid IN (${ours}) AND datid IN (${oids}));
      ready := shobj_description(${incoming.oid}, 'pg_database') = ${quoteLiteral(marks.ready)};
      IF ready THEN
        settling := settling + 1;
        IF EXISTS (SELECT FROM pg_stat_activity WHERE datid IN (${oids}) AND (usesysid IS NOT NULL OR settling < 40))
          THEN alone := 0; ELSE alone := alone + 1; END IF;
        EXIT WHEN alone = 2;
      END IF;
      IF gone AND NOT ready THEN failure := 'lastgood itself went away'; EXIT; END IF;
      IF clock_timestamp() > deadline THEN
        SELECT string_agg(format('%s (%s, %s)', pid, usename, COALESCE(NULLIF(application_name, ''), 'no name')), '; ')
          INTO who FROM pg_stat_activity WHERE datid IN (${oids}) AND pid NOT IN (${ours}) AND usesysid IS NOT NULL;
        failure := COALESCE('these connections did not end: ' || who, 'its own connections did not end'); EXIT;
      END IF;
      PERFORM pg_sleep(0.001);
    END LOOP;
    IF failure IS NULL THEN
      ${outgoing === null ? '' : `ALTER DATABASE ${live} RENAME TO ${quoteIdentifier(outgoing.renamedTo)};`}
      ALTER DATABASE ${next} RENAME TO ${live};
      ${outgoing === null ? '' : `COMMENT ON DATABASE ${quoteIdentifier(outgoing.renamedTo)} IS ${quoteLiteral(outgoing.comment)};`}
      COMMENT ON DATABASE ${live} IS ${incoming.comment === null ? 'NULL' : quoteLiteral(incoming.comment)};
      ${outgoing === null ? '' : `ALTER DATABASE ${quoteIdentifier(outgoing.renamedTo)} ALLOW_CONNECTIONS true;`}
      ALTER DATABASE ${live} ALLOW_CONNECTIONS true;
    END IF;
  EXCEPTION WHEN query_canceled OR OTHERS THEN
    failure := SQLERRM;
  END;
  IF failure IS NOT NULL THEN
    ${allow(true).join('\n    ')}
    COMMENT ON DATABASE ${next} IS ${quoteLiteral(marks.putBack)};
    COMMIT;
    RAISE EXCEPTION USING ERRCODE = '${GAVE_UP}', MESSAGE = failure;
  END IF;
  COMMIT;
END`)
}

/**
 * For our own session in the outgoing database: returns when connections are refused and nobody else is left in it, so that
 * what it reads next is final.
 */
export function waitAloneScript(patienceMs: number): string {
  return inDollars(`
DECLARE
  deadline timestamptz := clock_timestamp() + interval '${Math.round(patienceMs)} ms';
  open boolean; shut boolean := false;
BEGIN
  LOOP
    PERFORM pg_stat_clear_snapshot();
    open := (SELECT datallowconn FROM pg_database WHERE datname = current_database());
    EXIT WHEN NOT open
      AND NOT EXISTS (SELECT FROM pg_stat_activity a, pg_database d WHERE d.datname = current_database()
                         AND a.datid = d.oid AND a.pid <> pg_backend_pid() AND a.usesysid IS NOT NULL);
    -- Open again, or never shut: the exchange is off, and whoever began it may be gone.
    IF (open AND shut) OR clock_timestamp() > deadline THEN
      RAISE EXCEPTION USING ERRCODE = '${GAVE_UP}', MESSAGE = 'not alone in time';
    END IF;
    shut := NOT open;
    PERFORM pg_sleep(0.001);
  END LOOP;
END`)
}

/** A name or a comment may hold anything, also what looks like the end of the text. */
function inDollars(body: string): string {
  let tag = '$lastgood$'
  for (let n = 1; body.includes(tag); n++) tag = `$lastgood${n}$`
  return `DO ${tag}${body}${tag}`
}
