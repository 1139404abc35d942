import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Http1Pool } from './http1-pool.ts';
import { ANSWERS, MALFORMED } from './testing/answers.ts';
import { ask, rawServer, requestOf } from './testing/servers.ts';
import type { LoadAnswer } from './types.ts';
import { UndiciLoad } from './undici-load.ts';

/** What our client and undici make of the same bytes, sent in the same pieces. */
async function both(pieces: readonly Buffer[], method = 'GET'): Promise<{ readonly ours: LoadAnswer; readonly undici: LoadAnswer }> {
  await using server = await rawServer((socket) => {
    socket.once('data', () => {
      for (const piece of pieces) socket.write(piece);
      socket.end();
    });
  });
  await using http1 = new Http1Pool(new URL(server.url), 1);
  await using other = new UndiciLoad(new URL(server.url), 1);
  const request = requestOf(`${method} /`);
  return { ours: await ask(http1, request), undici: await ask(other, request) };
}

function plain({ status, headers, text, bytes, error }: LoadAnswer): unknown {
  return error === null ? { status, headers: { ...headers }, text, bytes } : 'error';
}

describe('our client and undici', () => {
  it.each(ANSWERS.filter(({ undici }) => undici === undefined).map((answer) => [answer.name, answer] as const))(
    'read the same: %s',
    async (_, { raw, method = 'GET' }) => {
      const { ours, undici } = await both([Buffer.from(raw, 'latin1')], method);
      expect(plain(ours)).toEqual(plain(undici));
      expect(ours.error).toBeNull();
    },
  );

  it.each(MALFORMED.map((answer) => [answer.name, answer] as const))('refuse the same: %s', async (_, { raw }) => {
    const { ours, undici } = await both([Buffer.from(raw, 'latin1')]);
    expect([plain(ours), plain(undici)]).toEqual(['error', 'error']);
  });

  it('agree on whatever ours accepts among damaged answers', async () => {
    const damage = fc.array(
      fc.tuple(fc.nat(), fc.constantFrom(...Array.from(' \t\r\n:;,0159aAfFxX\0\x7f\xff', (one) => one.charCodeAt(0)))),
      {
        minLength: 1,
        maxLength: 3,
      },
    );
    const known = ANSWERS.filter(({ undici, name }) => undici === undefined && !name.includes('informational'));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...known), damage, async ({ raw, method = 'GET' }, changes) => {
        const bytes = Buffer.from(raw, 'latin1');
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const { ours, undici } = await both([bytes], method);
        const seen = [undici.status, undici.text, undici.error];
        expect({ raw: bytes, seen }).toEqual({ raw: bytes, seen: ours.error === null ? [ours.status, ours.text, null] : seen });
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});
