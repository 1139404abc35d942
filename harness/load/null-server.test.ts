import { request } from 'undici';
import { expect, it } from 'vitest';
import { startNullServer } from './null-server.ts';

it('answers every request at once, with and without a body, and is gone after disposal', async () => {
  const server = await startNullServer();
  const { origin } = server;
  for (const options of [{ method: 'GET' }, { method: 'POST', body: '{"text":"a"}' }] as const) {
    const answer = await request(`${origin}/any?path=1`, options);
    expect([answer.statusCode, await answer.body.text()]).toEqual([200, 'ok']);
  }
  await server[Symbol.asyncDispose]();
  await expect(request(origin, { reset: true })).rejects.toThrow(/ECONN|other side closed/);
});
