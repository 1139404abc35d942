import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import type { Action, ActionResult } from '../harness/load/index.ts';

interface Request {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly expected: number;
}

interface At {
  readonly index: number;
  readonly agent: string;
  /** Empty before the first one was made. */
  readonly operation: string;
}

interface Ingredient {
  /** Of a hundred requests. */
  readonly share: number;
  readonly request: (at: At) => Request;
}

const post = (path: string, body: unknown, expected: number): Request => ({ method: 'POST', path, body, expected });
const get = (path: string): Request => ({ method: 'GET', path, expected: 200 });
const execute = (query: string, useCache: boolean): Request => post('/api/v1/patterns/execute', { query, use_cache: useCache }, 200);

const AGENTS = 10;

/** The mix that `steady` runs against the reference services. */
const MIX: Readonly<Record<string, Ingredient>> = {
  execute_cached: { share: 34, request: ({ index }) => execute(`status of part ${index % 40}`, true) },
  execute_fresh: { share: 20, request: ({ index }) => execute(`explain request ${index}`, false) },
  append: {
    share: 14,
    request: ({ agent, index }) => post(`/api/v1/agents/${agent}/messages`, { direction: 'inbound', payload: { value: index } }, 201),
  },
  messages: { share: 8, request: ({ agent }) => get(`/api/v1/agents/${agent}/messages?limit=20`) },
  context_write: {
    share: 6,
    request: ({ agent, index }) => post(`/api/v1/agents/${agent}/context`, { name: 'plan', data: { step: index } }, 200),
  },
  operation: {
    share: 5,
    request: () => post('/operations', { operation_type: 'performance_check', parameters: { samples_ms: [12, 14, 11] } }, 202),
  },
  operation_status: {
    share: 4,
    request: ({ operation }) => (operation === '' ? get('/health') : get(`/operations/${operation}`)),
  },
  stream_message: {
    share: 4,
    request: ({ index }) =>
      post('/api/v1/messages', { from_agent: 'bench', to_agent: `agent-${index % AGENTS}`, type: 'note', payload: { index } }, 201),
  },
  memory_search: { share: 3, request: () => post('/api/v1/memories/search', { query: 'bay front archive', limit: 5 }, 200) },
  task: { share: 2, request: ({ index }) => post('/api/v1/tasks', { title: `task ${index}`, priority: 5 }, 201) },
};
const CONNECTIONS = 64;

export interface Mix {
  readonly action: Action;
  /** Answers that were not what was expected: ingredient and status, with how often. */
  readonly wrong: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Makes a workspace with agents and a memory, then deals the requests to them in a fixed order. */
export async function openMix(origin: string): Promise<Mix> {
  const pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
  const ask = asker(pool, randomUUID());
  const agents: string[] = [];
  for (let index = 0; index < AGENTS; index++) {
    const { text } = await ask(post('/api/v1/agents', { definition_slug: 'assistant' }, 201));
    agents.push(field(text, 'id'));
  }
  await ask(post('/api/v1/memories', { content: 'the bay front holdings file is in the archive' }, 201));
  const wrong = new Map<string, number>();
  const order = dealtOrder();
  let operation = '';
  const action: Action = async ({ index }, signal): Promise<ActionResult> => {
    const name = order[index % order.length] ?? '';
    const request = MIX[name]?.request({ index, agent: agents[index % AGENTS] ?? '', operation });
    if (request === undefined) throw new Error(`the mix has no ${name}`);
    const { status, text } = await ask(request, signal).catch(() => ({ status: 0, text: '' }));
    if (status === request.expected) {
      if (name === 'operation') operation = field(text, 'operation_id');
      return { outcome: 'ok', bytes: text.length };
    }
    wrong.set(`${name} ${status}`, (wrong.get(`${name} ${status}`) ?? 0) + 1);
    return { outcome: 'wrong' };
  };
  return { action, wrong, close: () => pool.destroy() };
}

function asker(pool: Pool, workspace: string) {
  return async ({ method, path, body }: Request, signal?: AbortSignal): Promise<{ readonly status: number; readonly text: string }> => {
    const answer = await pool.request({
      method,
      path,
      headers: { 'content-type': 'application/json', 'x-workspace-id': workspace },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    return { status: answer.statusCode, text: await answer.body.text() };
  };
}

/** A hundred names, each in its share and spread evenly. */
function dealtOrder(): readonly string[] {
  const cards = Object.entries(MIX).flatMap(([name, { share }]) =>
    Array.from({ length: share }, (_, place) => ({ name, at: (place + 0.5) / share })),
  );
  return cards.toSorted((a, b) => a.at - b.at).map(({ name }) => name);
}

function field(text: string, name: string): string {
  return String((JSON.parse(text) as Readonly<Record<string, unknown>>)[name]);
}
