import { type Client, escapeIdentifier } from 'pg';
import { messageOf } from '../../model/errors.ts';
import { isSigned, lockKey, MARKED, markIn } from './names.ts';
import { withServer } from './with-server.ts';

/** No statement takes longer; a lock that somebody else holds is not waited for any longer. */
const LIMITS = { statementMs: 10_000, lockMs: 2_000 };
/** More are left to the run after this one. */
const MOST = 20;

interface Marked {
  readonly kind: 'database' | 'schema';
  readonly name: string;
  readonly comment: string | null;
}

interface Place {
  /** Leads as an administrator into the database that the target uses. */
  readonly adminUrl: string;
  /** The mark of the run that asks. */
  readonly own: string;
}

export interface Swept {
  readonly removed: readonly { readonly kind: Marked['kind']; readonly name: string }[];
  /** What could not be removed, in words. */
  readonly left: readonly string[];
}

/** Removes what runs left on this server that are not alive any more; never what a run beside this one made. */
export async function sweepDead({ adminUrl, own }: Place): Promise<Swept> {
  return withServer(adminUrl, LIMITS, async (client) => {
    const { marked, alive } = await look(client);
    const dead = marked.filter(({ name }) => {
      const mark = markIn(name);
      return mark !== null && mark !== own && !alive.has(lockKey(mark));
    });
    // Not by force: where somebody is connected, somebody is alive.
    return removeAll(client, dead, '');
  });
}

/** Removes what the run itself still has there: a check that was cut off could not. */
export async function sweepOwn({ adminUrl, own }: Place): Promise<Swept> {
  return withServer(adminUrl, LIMITS, async (client) => {
    const { marked } = await look(client);
    return removeAll(
      client,
      marked.filter(({ name }) => markIn(name) === own),
      ' with (force)',
    );
  });
}

/** Names are looked up as of the beginning of the statement, locks after it: whoever made one of them in time holds its lock. */
const LOOK = `
  with marked as materialized (
    select 'database' as kind, datname::text as name, shobj_description(oid, 'pg_database') as comment from pg_database where datname ~ $1
    union all
    select 'schema', nspname::text, obj_description(oid, 'pg_namespace') from pg_namespace where nspname ~ $1
  )
  select (select coalesce(json_agg(marked), '[]') from marked) as marked,
    (select coalesce(array_agg(distinct ((classid::bigint << 32) | objid::bigint)::text), '{}')
      from pg_locks where locktype = 'advisory' and objsubid = 1) as alive`;

interface Looked {
  readonly marked: readonly Marked[];
  readonly alive: ReadonlySet<string>;
}

async function look(client: Client): Promise<Looked> {
  const { rows } = await client.query<{ readonly marked: readonly Marked[]; readonly alive: readonly string[] }>(LOOK, [MARKED]);
  const [found] = rows;
  return { marked: found?.marked.filter(({ comment }) => isSigned(comment)) ?? [], alive: new Set(found?.alive) };
}

async function removeAll(client: Client, marked: readonly Marked[], force: string): Promise<Swept> {
  const removed: Marked[] = [];
  const left: string[] = [];
  for (const thing of marked.slice(0, MOST)) {
    const { kind, name } = thing;
    try {
      await client.query(`drop ${kind} if exists ${escapeIdentifier(name)}${kind === 'schema' ? ' cascade' : force}`);
      removed.push(thing);
    } catch (error) {
      left.push(`the ${kind} ${name} (${messageOf(error)})`);
    }
  }
  const more = marked.length - MOST;
  if (more > 0) left.push(`${String(more)} more of the same kind`);
  return { removed: removed.map(({ kind, name }) => ({ kind, name })), left };
}
