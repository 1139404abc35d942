import { afterEach, describe, expect, it } from 'vitest';
import { checkHistory } from '../../harness/index.ts';
import { recordContexts } from './context-history.ts';
import { rollBackAll } from './context-rollback.ts';
import { isExplained } from './move-order.ts';
import { race } from './move-race.ts';
import { tryMove } from './move-table.ts';
import { at, boundRun, type Asked, type BoundRun, type Reply } from './testing/bound-run.ts';

const open: BoundRun[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

/** How old what the small servers show may be, and how old it is. */
const DECLARED_MS = 150;
const LAG_MS = 60;

/** Shows each value when it is old enough, as a replica does. */
function replica<T>(lagMs: number) {
  const history: { readonly atMs: number; readonly value: T }[] = [];
  return {
    newest: (): T | undefined => history.at(-1)?.value,
    shown: (): T | undefined => history.findLast(({ atMs }) => atMs + lagMs <= performance.now())?.value,
    push: (value: T): void => void history.push({ atMs: performance.now(), value }),
  };
}

interface Revision {
  readonly rev: number;
  readonly text: string;
}

interface Page {
  readonly copy: ReturnType<typeof replica<Revision>>;
  readonly texts: string[];
}

const headOf = ({ copy }: Page): number => copy.newest()?.rev ?? 0;

/** Pages by name: written where they are, read from a replica. `forgets` a write that it has acknowledged. */
function pages(lagMs: number, forgets = false): (asked: Asked) => Reply {
  const all = new Map<string, Page>();
  const push = (page: Page, text: string): Reply => {
    const head = headOf(page);
    page.texts.push(text);
    page.copy.push({ rev: head + 1, text: forgets && head === 2 ? 'something else' : text });
    return { status: 200, json: { rev: head + 1 } };
  };
  const calls: Readonly<Record<string, (page: Page, rev: number, text: string) => Reply>> = {
    GET: ({ copy }) => (copy.shown() === undefined ? { status: 404 } : { status: 200, json: copy.shown() }),
    PUT: (page, rev, text) => (rev === headOf(page) ? push(page, text) : { status: 409 }),
    POST: (page, rev) => {
      const old = page.texts[rev - 1];
      return old === undefined ? { status: 400 } : push(page, old);
    },
  };
  return ({ call, body }) => {
    const [method = '', path = ''] = call.split(' ');
    const page = all.get(path) ?? { copy: replica<Revision>(lagMs), texts: [] };
    all.set(path, page);
    return calls[method]?.(page, Number(body['rev']), String(body['text'])) ?? { status: 405 };
  };
}

const contexts = (stalenessMs: number) => ({
  context: {
    write: { http: at('PUT /page?${name}', { text: '${value}', rev: '${base}' }), version: 'rev' },
    read: { http: at('GET /page?${name}'), version: 'rev', value: 'text', stalenessMs },
    rollback: { http: at('POST /page?${name}', { rev: '${version}' }), version: 'rev' },
    first: 0,
    refused: [409],
  },
});

async function contextsAt(stalenessMs: number, answer: (asked: Asked) => Reply) {
  const bound = await boundRun(contexts(stalenessMs), answer);
  open.push(bound);
  const { operations, problems } = await recordContexts(bound.run, { contexts: 1, rounds: 3 });
  return {
    problems,
    found: checkHistory({ model: 'register', stalenessMs, operations }).anomalies.map(({ name }) => name),
    run: bound.run,
  };
}

describe('a context that is read from a replica', () => {
  it('is well where the target says how old it may be', async () => {
    const { problems, found, run } = await contextsAt(DECLARED_MS, pages(LAG_MS));
    expect({ problems, found }).toEqual({ problems: [], found: [] });
    expect(await rollBackAll(run)).toEqual({ trials: 5, problems: [] });
  });

  it('is stale where the target does not say so, or where it is older than that', async () => {
    expect((await contextsAt(0, pages(LAG_MS))).found).not.toEqual([]);
    expect((await contextsAt(20, pages(2_000))).found).not.toEqual([]);
  });

  it('is still held to what was written', async () => {
    expect((await contextsAt(DECLARED_MS, pages(LAG_MS, true))).found).toContain('garbage');
  });
});

const DOOR = { open: ['closed'], closed: ['open', 'locked'], locked: ['closed'] };

type Door = ReturnType<typeof replica<string>>;
type Mistake = 'none' | 'accepts' | 'moves' | 'busy';

function moved(door: Door, to: string, mistake: Mistake): Reply {
  if (mistake === 'busy' && to === 'locked') return { status: 429 };
  const isLegal = (DOOR[door.newest() as keyof typeof DOOR] as readonly string[]).includes(to);
  if (isLegal || mistake === 'accepts' || mistake === 'moves') door.push(to);
  return { status: isLegal || mistake === 'accepts' ? 204 : 409 };
}

/** Doors: `mistake` makes it accept what is illegal, or move when it refuses. */
function doors(lagMs: number, mistake: Mistake = 'none'): (asked: Asked) => Reply {
  const all: Door[] = [];
  return ({ call, body }) => {
    const [method = '', path = ''] = call.split(' ');
    if (path === '/doors') {
      const made = replica<string>(lagMs);
      made.push('open');
      return { status: 201, json: { id: all.push(made) - 1 } };
    }
    const door = all[Number(path.split('/').at(-1))];
    if (door === undefined) return { status: 404 };
    if (method === 'PATCH') return moved(door, String(body['to']), mistake);
    return door.shown() === undefined ? { status: 404 } : { status: 200, json: { is: door.shown() } };
  };
}

async function doorsAt(stalenessMs: number, answer: (asked: Asked) => Reply) {
  const transitions = {
    create: { http: at('POST /doors'), id: 'id' },
    read: { http: at('GET /doors/${id}'), state: 'is', stalenessMs },
    move: at('PATCH /doors/${id}', { to: '${to}' }),
    refused: [409],
    table: DOOR,
  };
  const bound = await boundRun({ transitions }, answer);
  open.push(bound);
  return bound.run;
}

const LEGAL = { legal: true, refused: [409] };
const ILLEGAL = { legal: false, refused: [409] };

describe('a state that is read from a replica', () => {
  it('is what the table says, once it may not be old any more', async () => {
    const run = await doorsAt(DECLARED_MS, doors(LAG_MS));
    expect(await tryMove(run, ['closed', 'locked'], LEGAL)).toBeNull();
    expect(await tryMove(run, ['open', 'locked'], ILLEGAL)).toBeNull();
    const done = await race(run, { from: 'closed', to: ['open', 'locked'] });
    expect(done !== null && isExplained(DOOR, done)).toBe(true);
  });

  it('shows what should not have happened, however late', async () => {
    expect(await tryMove(await doorsAt(DECLARED_MS, doors(LAG_MS, 'accepts')), ['open', 'locked'], ILLEGAL)).toContain(
      'is illegal and was accepted',
    );
    expect(await tryMove(await doorsAt(DECLARED_MS, doors(LAG_MS, 'moves')), ['open', 'locked'], ILLEGAL)).toBe(
      'open → locked was refused, but the state is locked',
    );
  });

  it('is not known where the target was too busy to move', async () => {
    const run = await doorsAt(0, doors(0, 'busy'));
    await expect(tryMove(run, ['closed', 'locked'], LEGAL)).rejects.toThrow('is not known: it was answered with 429');
  });

  it.each([
    ['closed', LEGAL],
    ['locked', ILLEGAL],
  ] as const)('is not known where it cannot be read after the move to %s', async (to, rule) => {
    const answer = doors(0);
    let isMoved = false;
    const run = await doorsAt(0, (asked) => {
      if (isMoved && asked.call.startsWith('GET')) return { status: 503 };
      isMoved ||= asked.call.startsWith('PATCH');
      return answer(asked);
    });
    await expect(tryMove(run, ['open', to], rule)).rejects.toThrow('the state could not be read after it');
  });
});
