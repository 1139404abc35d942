import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { checkHistory, type Answer, type AnomalyName, type History, type SuiteRun } from '../../../harness/index.ts';
import { anomalyObservation } from '../history-observation.ts';
import { answerOf } from '../testing/answer.ts';
import { recordBank } from './bank-history.ts';
import { readsBeside } from './contend.ts';
import { recordCounter } from './counter-history.ts';
import { recordSets } from './set-history.ts';

/** What the small server below does wrong. */
type Mistake = 'writes back' | 'books twice' | 'shows late' | 'refuses and does' | 'answers nothing';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const at = (method: string, path: string, body: unknown = null) => ({ method, path, service: 'club', body, headers: {} });
/** Another shape than that of the reference services: credit that goes down by 5, amounts as text, members as objects, accounts by name. */
const BINDINGS = {
  counter: {
    add: at('POST', '/credit', { take: '${amount}' }),
    read: { http: at('GET', '/credit'), value: 'left', stalenessMs: 0 },
    step: -5,
  },
  set: {
    add: at('PUT', '/members', { who: '${value}' }),
    read: { http: at('GET', '/members'), items: 'team.members', value: 'who', stalenessMs: 0 },
    most: 40,
  },
  bank: {
    create: { http: at('POST', '/purses', { purse: '${name}', holds: '${amount}' }) },
    opening: 50,
    accounts: 3,
    total: null,
    transfer: at('POST', '/moves', { giver: '${from}', taker: '${to}', coins: '${amount}' }),
    read: { http: at('GET', '/purses'), items: 'purses', account: 'purse', balance: 'holds' },
  },
};

type Body = Readonly<Record<string, unknown>>;
type Reply = readonly [status: number, body: unknown];
const KEPT_MS = 40;

/** A club with one credit, one team and purses; in memory, so that what it does between two waits nobody comes between. */
function club(mistake: Mistake | null) {
  let credit = 10_000;
  let members = ['founder'];
  const purses = new Map([['other people', 7]]);
  const kept = new Map<string, { readonly reply: Reply; readonly untilMs: number }>();
  const calls: Readonly<Record<string, (body: Body) => Promise<Reply>>> = {
    'GET /credit': async () => [200, { left: credit.toFixed(2) }],
    'POST /credit': async ({ take }) => {
      const before = credit;
      await delay(2);
      credit = (mistake === 'writes back' ? before : credit) - Number(take) * (mistake === 'books twice' ? 2 : 1);
      return mistake === 'refuses and does' ? [409, {}] : [204, null];
    },
    'GET /members': async () => [200, { team: { members: members.map((who) => ({ who })) } }],
    'PUT /members': async ({ who }) => {
      const before = members;
      await delay(2);
      members = [...(mistake === 'writes back' ? before : members), ...(mistake === 'books twice' ? [who, who] : [who])].map(String);
      return mistake === 'refuses and does' && members.length % 3 === 0 ? [422, {}] : [200, {}];
    },
    'POST /purses': async ({ purse, holds }) => {
      purses.set(String(purse), Number(holds));
      return [201, {}];
    },
    'GET /purses': async () => [200, { purses: [...purses].map(([purse, holds]) => ({ purse, holds })) }],
    'POST /moves': async ({ giver, taker, coins }) => {
      const [from, to] = [String(giver), String(taker)];
      await delay(1);
      if ((purses.get(from) ?? 0) < Number(coins)) return [409, {}];
      purses.set(from, (purses.get(from) ?? 0) - Number(coins));
      if (mistake === 'writes back') await delay(2);
      purses.set(to, (purses.get(to) ?? 0) + Number(coins));
      return [200, {}];
    },
  };
  return async (call: string, body: Body): Promise<Reply> => {
    if (mistake === 'answers nothing') return [503, {}];
    const known = kept.get(call);
    if (known !== undefined && known.untilMs > performance.now()) return known.reply;
    const reply = (await calls[call]?.(body)) ?? [404, {}];
    if (mistake === 'shows late' && call.startsWith('GET')) kept.set(call, { reply, untilMs: performance.now() + KEPT_MS });
    return reply;
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** The club behind real sockets, and of a run what the recordings use. */
async function runAgainst(mistake: Mistake | null): Promise<SuiteRun> {
  const reply = club(mistake);
  const server = createServer((request, response) => {
    void textOf(request).then(async (text) => {
      const [status, body] = await reply(`${request.method} ${request.url}`, text === '' ? {} : (JSON.parse(text) as Body));
      response.writeHead(status).end(body === null ? undefined : JSON.stringify(body));
    });
  });
  servers.push(server.listen(0, '127.0.0.1'));
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = async (template: ReturnType<typeof at>, variables: Body): Promise<Answer> => {
    const fill = (value: unknown): unknown => variables[/^\$\{(\w+)\}$/u.exec(String(value))?.[1] ?? ''] ?? value;
    const filled = Object.fromEntries(Object.entries(template.body ?? {}).map(([key, value]) => [key, fill(value)]));
    const init = { method: template.method, ...(template.body === null ? {} : { body: JSON.stringify(filled) }) };
    return answerOf(await fetch(url + template.path, init), 'shed');
  };
  const target = { request, requireBinding: (name: keyof typeof BINDINGS) => BINDINGS[name] };
  const spec = { workload: { agents: 8 } };
  return {
    target,
    spec,
    seed: 7,
    now: () => performance.now(),
    workspace: () => 'w',
    signal: new AbortController().signal,
  } as unknown as SuiteRun;
}

const CHANGES = 40;
const namesOf = (history: History): readonly AnomalyName[] => checkHistory(history).anomalies.map(({ name }) => name);

describe('a counter', () => {
  const history = async (mistake: Mistake | null, stalenessMs = 0): Promise<History> => ({
    model: 'counter',
    initial: 0,
    stalenessMs,
    operations: (await recordCounter(await runAgainst(mistake), CHANGES)).operations,
  });

  it('adds up, counted in steps from what it showed, with enough that overlapped', async () => {
    const judgement = checkHistory(await history(null));
    expect(judgement.anomalies).toEqual([]);
    expect(judgement.overlapping).toBeGreaterThanOrEqual(59);
  });

  it.each<[Mistake, AnomalyName]>([
    ['writes back', 'lost update'],
    ['books twice', 'duplicate apply'],
    ['refuses and does', 'duplicate apply'],
    ['shows late', 'stale read'],
  ])('that %s has a %s', async (mistake, name) => {
    expect(namesOf(await history(mistake))).toEqual([name]);
  });

  it('may show late what it declares', async () => {
    expect(namesOf(await history('shows late', 60_000))).toEqual([]);
  });

  it('that cannot be read is not measured', async () => {
    await expect(history('answers nothing')).rejects.toThrow('could not be read before anybody counted: status 503');
  });

  it('is told with what was read and what was acknowledged before', async () => {
    const judgement = checkHistory(await history('writes back'));
    const { witnesses = [] } = anomalyObservation(judgement, ['lost update'], judgement.overlapping);
    const told = witnesses.find(({ source }) => source === 'lost update');
    expect(told?.saw).toMatch(/read \d+ of muster-\w+ \(steps of -5 from 10000\), at least \d+ had been acknowledged before it began/u);
    expect(told?.timeline?.map(({ label }) => label)).toEqual(expect.arrayContaining(['add 1', expect.stringMatching(/^read \d+$/u)]));
  });
});

describe('a set', () => {
  const history = async (mistake: Mistake | null): Promise<History> => ({
    model: 'set',
    operations: (await recordSets(await runAgainst(mistake), 2 * CHANGES)).operations,
  });

  it('has everybody who was added, whoever was in it before', async () => {
    const judgement = checkHistory(await history(null));
    expect(judgement.anomalies).toEqual([]);
    expect(judgement.overlapping).toBeGreaterThanOrEqual(59);
  });

  it.each<[Mistake, readonly AnomalyName[]]>([
    ['writes back', ['lost update']],
    ['books twice', ['duplicate apply']],
    ['refuses and does', ['rejected but applied']],
    ['shows late', ['stale read', 'read your writes']],
  ])('that %s has nothing but %j', async (mistake, expected) => {
    const found = namesOf(await history(mistake));
    expect(found.length).toBeGreaterThan(0);
    expect(expected).toEqual(expect.arrayContaining([...found]));
  });

  it('that cannot be read is not measured', async () => {
    await expect(history('answers nothing')).rejects.toThrow('could not be read before anybody added to it: status 503');
  });
});

describe('a bank', () => {
  const history = async (mistake: Mistake | null): Promise<History> => ({
    model: 'bank',
    mayGoNegative: false,
    ...(await recordBank(await runAgainst(mistake), 2 * CHANGES)),
  });

  it('holds the same at every moment, whatever others have in it', async () => {
    const judged = await history(null);
    expect(judged).toMatchObject({ total: 150 });
    expect(namesOf(judged)).toEqual([]);
    expect(checkHistory(judged).overlapping).toBeGreaterThanOrEqual(59);
  });

  it('is read while others move amounts, too', async () => {
    const { operations } = await recordBank(await runAgainst(null), 2 * CHANGES);
    const reads = operations.filter(({ action }) => action.kind === 'read');
    expect(readsBeside(operations)).toBe(reads.length - 1);
    expect(reads.length).toBeGreaterThan(20);
  });

  it('that books in two steps is seen in between, with what each account held', async () => {
    const judgement = checkHistory(await history('writes back'));
    expect(judgement.anomalies.map(({ name }) => name)).toEqual(['money made or lost']);
    const { witnesses = [] } = anomalyObservation(judgement, ['money made or lost'], judgement.overlapping);
    expect(witnesses.at(-1)?.saw).toMatch(/add up to \d+ instead of 150/u);
    expect(witnesses.at(-1)?.timeline?.[0]?.label).toMatch(/^read \d+ in muster-0-/u);
  });

  it('whose accounts cannot be made is not measured', async () => {
    await expect(history('answers nothing')).rejects.toThrow('could not be made: status 503');
  });
});
