import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { checkHistory, extract, type Answer, type SuiteRun } from '../../harness/index.ts';
import { recordContexts } from './context-history.ts';
import { rollBackAll } from './context-rollback.ts';
import { repeat, repeatProblems } from './idempotency.ts';
import { recordState } from './state-history.ts';
import { answerOf } from './testing/answer.ts';

/** What the small server below does wrong. */
type Mistake = 'checks too early' | 'skips a number' | 'rolls back to the neighbour' | 'forgets fields' | 'answers anew';

interface Note {
  rev: number;
  readonly texts: string[];
  readonly tags: Record<string, string>;
}

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const at = (method: string, path: string, body: unknown = null) => ({ method, path, service: 'notes', body, headers: {} });
/** Another shape than that of the reference services: notes by name that nobody makes, revisions from 10, 412 for another revision. */
const BINDINGS = {
  context: {
    write: { http: at('PUT', '/text', { text: '${value}', rev: '${base}' }), version: 'now.rev' },
    read: { http: at('GET', '/text'), version: 'now.rev', value: 'now.text' },
    rollback: { http: at('POST', '/back', { rev: '${version}' }), version: 'now.rev' },
    first: 10,
    refused: [412],
  },
  state: { patch: at('PATCH', '/tags', '${fields}'), read: { http: at('GET', '/tags'), fields: 'tags' } },
  idempotent: {
    send: { http: at('POST', '/sent', { key: '${key}', text: '${value}' }), same: 'receipt' },
    read: { http: at('GET', '/sent'), items: 'sent', value: 'text' },
  },
};

type Reply = readonly [status: number, body: unknown];

/** A server of notes; in memory, so that what it does between two waits nobody comes between. */
function notes(mistake: Mistake | null) {
  const all = new Map<string, Note>();
  const sent = new Map<string, { readonly key: string; readonly text: string; readonly receipt: number }>();
  const head = ({ rev, texts }: Note): Reply => [200, { now: { rev, text: texts.at(-1) } }];
  const push = (note: Note, text: string): Reply => {
    note.rev += mistake === 'skips a number' ? 2 : 1;
    note.texts.push(text);
    return head(note);
  };
  const send = async (key: string, text: string): Promise<Reply> => {
    const known = sent.get(key);
    if (known !== undefined && mistake !== 'answers anew') return known.text === text ? [200, known] : [422, {}];
    const made = { key, text, receipt: sent.size + 1 };
    sent.set(mistake === 'answers anew' ? `${key}/${made.receipt}` : key, made);
    return [200, made];
  };
  const writeText = async (note: Note, rev: number, text: string): Promise<Reply> => {
    if (rev !== note.rev) return [412, {}];
    if (mistake === 'checks too early') await delay(5);
    return push(note, text);
  };
  const patchTags = async (note: Note, tags: Readonly<Record<string, string>>): Promise<Reply> => {
    const before = { ...note.tags };
    await delay(1);
    if (mistake === 'forgets fields') for (const tag of Object.keys(note.tags)) if (!(tag in before)) delete note.tags[tag];
    Object.assign(note.tags, tags);
    return [204, {}];
  };
  const back = (note: Note, rev: number): Reply => {
    const text = note.texts[rev - 11 + (mistake === 'rolls back to the neighbour' ? 1 : 0)];
    return text === undefined ? [400, {}] : push(note, text);
  };
  return async (name: string, call: string, body: Readonly<Record<string, unknown>>): Promise<Reply> => {
    const note = all.get(name) ?? { rev: 10, texts: [], tags: {} };
    all.set(name, note);
    const calls: Readonly<Record<string, () => Reply | Promise<Reply>>> = {
      'GET /text': () => (note.texts.length === 0 ? [404, {}] : head(note)),
      'PUT /text': () => writeText(note, Number(body['rev']), String(body['text'])),
      'POST /back': () => back(note, Number(body['rev'])),
      'GET /tags': () => [200, { tags: note.tags }],
      'PATCH /tags': () => patchTags(note, body as Readonly<Record<string, string>>),
      'POST /sent': () => send(String(body['key']), String(body['text'])),
      'GET /sent': () => [200, { sent: [...sent.values()] }],
    };
    return calls[call]?.() ?? [404, {}];
  };
}

async function runAgainst(mistake: Mistake | null): Promise<SuiteRun> {
  const handle = notes(mistake);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Readonly<Record<string, unknown>>;
      void handle(String(request.headers['x-note']), `${request.method} ${request.url}`, body).then(([status, json]) =>
        response.writeHead(status).end(status === 204 ? '' : JSON.stringify(json)),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const request = async (template: ReturnType<typeof at>, variables: Readonly<Record<string, unknown>>): Promise<Answer> => {
    const fill = (value: unknown): unknown => (typeof value === 'string' && value.startsWith('${') ? variables[value.slice(2, -1)] : value);
    const { body } = template;
    const filled =
      typeof body === 'object' && body !== null ? Object.fromEntries(Object.entries(body).map(([k, v]) => [k, fill(v)])) : fill(body);
    const init = {
      method: template.method,
      headers: { 'x-note': String(variables['name']) },
      ...(body === null ? {} : { body: JSON.stringify(filled) }),
    };
    return answerOf(await fetch(url + template.path, init), 'unknown');
  };
  const target = { request, requireBinding: (name: keyof typeof BINDINGS) => BINDINGS[name] };
  const run = { target, now: () => performance.now(), workspace: () => 'w', signal: new AbortController().signal };
  return run as unknown as SuiteRun;
}

const SIZE = { contexts: 2, rounds: 3 };

describe('writes on one version', () => {
  it('are right where one of them is accepted, as the next version', async () => {
    const { operations, problems, trials } = await recordContexts(await runAgainst(null), SIZE);
    expect({ anomalies: checkHistory({ model: 'register', operations }).anomalies, problems, trials }).toEqual({
      anomalies: [],
      problems: [],
      trials: 36,
    });
  });

  it('are wrong where several are accepted, or a number is left out', async () => {
    const early = await recordContexts(await runAgainst('checks too early'), SIZE);
    expect(checkHistory({ model: 'register', operations: early.operations }).anomalies.map(({ name }) => name)).toContain('lost update');
    const skipping = await recordContexts(await runAgainst('skips a number'), SIZE);
    expect(skipping.problems[0]).toMatch(/a write on version 10 of .* was accepted as version 12 instead of 11/);
  });
});

describe('rollbacks', () => {
  it('are right where the value of the version comes back as a new one', async () => {
    expect(await rollBackAll(await runAgainst(null))).toEqual({ trials: 5, problems: [] });
  });

  it('are wrong where it is the value of another version', async () => {
    const { problems } = await rollBackAll(await runAgainst('rolls back to the neighbour'));
    expect(problems[0]).toContain('the rollback from version 14 to 11 left');
  });
});

describe('fields of one document', () => {
  it('are all there where changes are merged, and missing where the whole is written back', async () => {
    const size = { documents: 1, patches: 30 };
    const { operations } = await recordState(await runAgainst(null), size);
    expect(checkHistory({ model: 'set', operations }).anomalies).toEqual([]);
    const lossy = await recordState(await runAgainst('forgets fields'), size);
    expect(checkHistory({ model: 'set', operations: lossy.operations }).anomalies.map(({ name }) => name)).toContain('lost update');
  }, 20_000);
});

describe('a request that is sent several times', () => {
  const same = ({ json }: Answer): string | null => String(extract('receipt', json));

  it('is right where it is done once, and wrong where each is', async () => {
    expect(repeatProblems(await repeat(await runAgainst(null), 4), same)).toEqual([]);
    const problems = repeatProblems(await repeat(await runAgainst('answers anew'), 4), same);
    expect(problems.map((problem) => problem.replace(/^key [\w-]+: /, ''))).toEqual([
      '5 answers to one request tell of 5 things: 1, 2, 3',
      'sent with another value it did something new (6)',
      'sent several times at once it was done 5 times (shown by the target)',
      'a request with another value and the same key was done as well (shown by the target)',
    ]);
  });
});
