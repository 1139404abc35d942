import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Answer } from '../../harness/index.ts';
import { runWork, saidBy, type LongWork } from './work-end.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const request = (method: string, path: string) => ({ method, path, service: 'jobs', body: null, headers: {} });
/** Another shape than that of the reference services: numbers as ids, the state in words of its own, deep in the answer. */
const WORK: LongWork = {
  create: request('PUT', '/jobs'),
  poll: request('GET', '/jobs/${id}'),
  id: 'job.number',
  state: 'job.phase.name',
  end: ['Finished', 'Broken'],
  success: ['Finished'],
};

/** What it answers, look by look; the first is the answer to the creation. */
async function jobs(...answers: readonly (readonly [status: number, body: string])[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    const [status, body] = answers[Math.min(asked++, answers.length - 1)] ?? [500, ''];
    response.writeHead(status).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(server);
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const target = {
    request: async ({ method, path }: LongWork['create'], variables: Readonly<Record<string, unknown>> = {}): Promise<Answer> => {
      const response = await fetch(url + path.replace('${id}', String(variables['id'])), { method, keepalive: false });
      const text = await response.text();
      const json: unknown = text.startsWith('{') ? JSON.parse(text) : undefined;
      const outcome = response.ok ? 'ok' : response.status < 500 ? 'rejected' : 'unknown';
      return { status: response.status, json, text, durationMs: 1, outcome, error: null, headers: {} };
    },
  };
  return { target, signal: new AbortController().signal };
}

const MADE = [202, '{"job":{"number":17}}'] as const;
const phase = (name: string) => [200, `{"job":{"phase":{"name":"${name}"}}}`] as const;
const PATIENCE = { withinMs: 5_000, everyMs: 1 };

describe('runWork', () => {
  it('follows work to its end', async () => {
    const end = await runWork(await jobs(MADE, phase('Waiting'), phase('Running'), phase('Finished')), WORK, {}, PATIENCE);
    expect(end).toMatchObject({ id: '17', state: 'Finished', ended: true, success: true });
  });

  it('tells a bad end from a good one', async () => {
    expect(await runWork(await jobs(MADE, phase('Broken')), WORK, {}, PATIENCE)).toMatchObject({ ended: true, success: false });
  });

  it('goes on looking when a look fails or is not what was expected', async () => {
    const end = await runWork(await jobs(MADE, [500, 'oops'], [200, '<html>'], [404, '{}'], phase('Finished')), WORK, {}, PATIENCE);
    expect(end).toMatchObject({ state: 'Finished', success: true });
  });

  it('ends in a state in which a person is waited for, when asked to', async () => {
    const end = await runWork(await jobs(MADE, phase('OnHold')), WORK, {}, { ...PATIENCE, alsoEnds: ['OnHold'] });
    expect(end).toMatchObject({ state: 'OnHold', ended: true, success: false });
  });

  it.each([
    ['refused', [409, '{"job":{"number":17}}'] as const, 'status 409'],
    ['accepted without an id', [200, '{"job":{}}'] as const, 'status 200'],
    ['answered with no JSON', [200, 'ok'] as const, 'status 200'],
  ])('is over at once when it was %s', async (_, answer, said) => {
    const end = await runWork(await jobs(answer), WORK, {}, PATIENCE);
    expect(end).toMatchObject({ id: null, ended: false });
    expect(saidBy(end.answer)).toBe(said);
  });

  it('says the last state when the time is up', async () => {
    const end = await runWork(await jobs(MADE, phase('Running'), [500, 'oops']), WORK, {}, { withinMs: 50, everyMs: 1 });
    expect(end).toMatchObject({ id: '17', state: 'Running', ended: false });
  });
});
