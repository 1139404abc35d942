import { randomUUID } from 'node:crypto';
import { send } from '../../testing/client.ts';
import { describeEffects } from '../../testing/effects.ts';
import { exactDistances, seedMemories, textOf } from '../../testing/memories.ts';
import type { Backing, Gateway } from '../../testing/stack.ts';
import { query } from '../../testing/stores.ts';
import { MEMORIES_DEFECTS } from '../tables/memories.ts';

interface Share {
  readonly own: number;
  readonly others: number;
}

/** Most of all memories. */
const LARGE: Share = { own: 500, others: 100 };
/** One of the smaller workspaces: most of what is nearest belongs to others. */
const SMALL: Share = { own: 60, others: 440 };
const LIMIT = 10;
/** So few rows are compared and sorted sooner than the index is asked. Sorting is made dear, as it is with many. */
const AS_WITH_MANY = 'options=-c%20enable_sort%3Doff';
const OPERATORS = `select opcname as operator_class from pg_index join pg_opclass on pg_opclass.oid = any(indclass)
  where indrelid = 'memories'::regclass and opcname like 'vector%'`;
const QUERIES = Array.from({ length: 12 }, (_, index) => textOf(1_000_000 + index));

interface Searched {
  readonly distances: readonly number[];
  readonly exact: readonly number[];
  readonly plan: unknown;
}

async function searches(gateway: Gateway, { postgres }: Backing, { own, others }: Share): Promise<readonly Searched[]> {
  const workspace = randomUUID();
  await seedMemories(
    postgres.adminUrl,
    new Map([
      [randomUUID(), others],
      [workspace, own],
    ]),
  );
  const found: Searched[] = [];
  for (const text of QUERIES) {
    const headers = { 'x-workspace-id': workspace };
    const { status, body } = await send(gateway, 'POST /api/v1/memories/search', { headers, body: { query: text, limit: LIMIT } });
    if (status !== 200) throw new Error(`the search was answered ${status} ${JSON.stringify(body)}`);
    const distances = (body['items'] as readonly { readonly distance: number }[]).map(({ distance }) => distance);
    found.push({ distances, plan: body['plan'], exact: await exactDistances(postgres.adminUrl, workspace, text, LIMIT) });
  }
  return found;
}

async function notByIndex(gateway: Gateway, backing: Backing): Promise<readonly string[]> {
  const all = await searches(gateway, backing, LARGE);
  const compared = all.filter(({ plan }) => plan !== 'index').length;
  return compared === 0 ? [] : [`${compared} of ${all.length} searches compared every row of the workspace`];
}

interface Times {
  readonly fastest: number;
  readonly slowest: number;
}

async function timesOf(gateway: Gateway): Promise<Times> {
  const times: number[] = [];
  for (const text of QUERIES) {
    const { body } = await send(gateway, 'POST /api/v1/memories/search', { body: { query: text, limit: LIMIT } });
    times.push(Number(body['took_ms']));
  }
  return { fastest: Math.min(...times), slowest: Math.max(...times) };
}

function tookLonger(times: Times, of: (times: Times) => number, thanMs: number): readonly string[] {
  return of(times) < thanMs ? [] : [`a search took ${Math.round(of(times))} ms`];
}

describeEffects(
  MEMORIES_DEFECTS,
  {
    seq_scan: notByIndex,
    wrong_operator_class: async (gateway, backing) => {
      const { rows } = await query(backing.postgres.adminUrl, OPERATORS);
      if (rows.some(({ operator_class: name }) => name === 'vector_cosine_ops')) return [];
      const unused = await notByIndex(gateway, backing);
      if (unused.length === 0) throw new Error('the searches use an index that cannot serve them');
      return [...unused, `the operator class of the index is ${String(rows[0]?.['operator_class'])}`];
    },
    ivfflat_empty: async (gateway, backing) => {
      const all = await searches(gateway, backing, LARGE);
      const near = all.map(({ distances, exact }) => distances.filter((distance) => distance <= (exact.at(-1) ?? 0) + 1e-6).length);
      const recall = near.reduce((sum, count) => sum + count, 0) / (all.length * LIMIT);
      return recall >= 0.95 ? [] : [`recall is ${recall}`];
    },
    vector_search_slow: async (gateway) => tookLonger(await timesOf(gateway), ({ fastest }) => fastest, 250),
    vector_search_tail: async (gateway) => tookLonger(await timesOf(gateway), ({ slowest }) => slowest, 650),
    filtered_search_short: async (gateway, backing) => {
      const all = await searches(gateway, backing, SMALL);
      const short = all.filter(({ distances, exact }) => distances.length < exact.length).length;
      return short === 0 ? [] : [`${short} of ${all.length} searches found fewer rows than there are`];
    },
  },
  ({ postgres }) => ({ DATABASE_URL: `${postgres.url}?${AS_WITH_MANY}` }),
);
