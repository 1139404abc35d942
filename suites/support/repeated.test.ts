import { afterEach, describe, expect, it } from 'vitest';
import { fill } from './cap.ts';
import { isSeen, repeat, repeatProblems, sameIn } from './idempotency.ts';
import { at, boundRun, type Asked, type BoundRun, type Reply } from './testing/bound-run.ts';

const open: BoundRun[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]();
});

const IDEMPOTENT = {
  idempotent: {
    send: { http: at('POST /orders', { key: '${key}', text: '${value}' }), same: 'order.id' },
    read: { http: at('GET /orders'), items: 'orders', value: 'text' },
  },
};

interface Order {
  readonly id: number;
  readonly text: string;
  /** Turns until it is over. */
  left: number;
}

/** Orders that take a while: whoever asks meanwhile is answered with `busy`. */
function orders(busy: () => Reply, { turns = 6, hides = false, page = 100, others = 0 } = {}): (asked: Asked) => Reply {
  const byKey = new Map<string, Order>();
  const old = Array.from({ length: others }, (_, id) => ({ id, text: `old ${id}` }));
  return ({ call, body: { key, text } }) => {
    if (call === 'GET /orders') {
      const made = [...byKey.values()].filter(({ left }) => left <= 0 && !hides);
      return { status: 200, json: { orders: [...old, ...made].slice(0, page) } };
    }
    const known = byKey.get(String(key));
    if (known === undefined) byKey.set(String(key), { id: byKey.size + 1, text: String(text), left: turns });
    else if (known.text !== text) return { status: 422 };
    const order = byKey.get(String(key));
    if (order === undefined) return { status: 500 };
    order.left -= 1;
    return order.left > 0 ? busy() : { status: 200, json: { order: { id: order.id } } };
  };
}

async function repeated(answer: (asked: Asked) => Reply) {
  const bound = await boundRun(IDEMPOTENT, answer);
  open.push(bound);
  const done = await repeat(bound.run, 4, { shownMs: 200, acceptedMs: 400, underWayMs: 600 });
  const same = sameIn('order.id');
  return { isSeen: isSeen(done, same), problems: repeatProblems(done, same).map((problem) => problem.replace(/^key [\w-]+: /, '')) };
}

describe('a request that is sent several times', () => {
  it.each<[string, () => Reply]>([
    ['409 while the first is under way', () => ({ status: 409 })],
    ['425', () => ({ status: 425 })],
    ['429', () => ({ status: 429 })],
    ['202 without a result yet', () => ({ status: 202, json: { order: null } })],
  ])('may be answered with %s', async (_, busy) => {
    expect(await repeated(orders(busy))).toEqual({ isSeen: true, problems: [] });
  });

  it('is not held to have been done at once when it was only accepted', async () => {
    let accepted = 0;
    const later = (): Reply => ({ status: 202, json: { order: { id: 1, tries: accepted++ } } });
    expect(await repeated(orders(later, { turns: 7 }))).toEqual({ isSeen: false, problems: [] });
  });

  it('is wrong where it was done and is refused ever after, or was acknowledged and is not there', async () => {
    let made = 0;
    const refusing = (asked: Asked): Reply =>
      asked.call === 'GET /orders'
        ? { status: 200, json: { orders: [{ text: 'x' }] } }
        : made++ === 0
          ? { status: 200, json: { order: { id: 1 } } }
          : { status: 409 };
    const { problems } = await repeated(refusing);
    expect(problems[0]).toBe('the request was done, and sent again it was refused with 409');
    expect((await repeated(orders(() => ({ status: 409 }), { hides: true }))).problems).toEqual([
      'it was acknowledged and is not there (shown by the target)',
    ]);
  });

  it('is not looked for in a page of what others have made', async () => {
    expect(await repeated(orders(() => ({ status: 409 }), { others: 40, page: 20 }))).toEqual({ isSeen: false, problems: [] });
  });
});

const CAP = { cap: { create: at('POST /seats', { name: '${name}' }), limit: 5, refused: [403, 409, 422, 429] } };

/** `rule` is told how many there are and how often this workspace has asked; null: it is made. */
async function filled(rule: (there: number, asked: number) => number | null) {
  const seen = new Map<string, { there: number; asked: number }>();
  const bound = await boundRun(CAP, ({ headers }) => {
    const name = String(headers['x-workspace']);
    const own = seen.get(name) ?? { there: 0, asked: 0 };
    seen.set(name, own);
    own.asked += 1;
    const status = rule(own.there, own.asked);
    if (status === null) own.there += 1;
    return status === null ? { status: 201, json: {} } : { status, headers: { 'retry-after': '0' } };
  });
  open.push(bound);
  return fill(bound.run);
}

describe('the limit of a workspace', () => {
  it.each([403, 409, 429])('may be told with %d', async (status) => {
    expect(await filled((there) => (there < 5 ? null : status))).toMatchObject({ accepted: 5, isReached: true, odd: null, problems: [] });
  });

  it('is not missed where a rush is slowed down, or writers lose against each other', async () => {
    const slowed = await filled((there, asked) => (asked > 2 && asked < 18 ? 429 : there < 5 ? null : 403));
    expect(slowed).toMatchObject({ accepted: 5, isReached: true, problems: [] });
    const contended = await filled((there, asked) => (asked > 3 && asked <= 15 ? 409 : there < 5 ? null : 409));
    expect(contended).toMatchObject({ accepted: 5, isReached: true, problems: [] });
  });

  it('is missed where more are made, or fewer than it says', async () => {
    expect((await filled((there) => (there < 7 ? null : 409))).problems[0]).toMatch(/7 were made, 5 are allowed/);
    expect((await filled((there) => (there < 3 ? null : 403))).problems[0]).toMatch(/3 were made, and another was refused although 5/);
  });

  it('is not known where nobody gets that far', async () => {
    expect(await filled((there) => (there < 2 ? null : 429))).toMatchObject({ isReached: false, problems: [] });
  });
});
