import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createEntrance } from './around.ts';
import type { SecurityEvent } from './security-events.ts';

const FROM = { address: '127.0.0.1', requestId: null };
const actor = { keyId: randomUUID(), name: 'a', workspaceId: randomUUID(), admin: false };

function entrance(waitMs = 0) {
  const events: SecurityEvent[] = [];
  const scopes: string[] = [];
  const take = (scope: string): number => {
    scopes.push(scope);
    return waitMs;
  };
  const enter = createEntrance({
    authenticate: async () => actor,
    limiter: { take, stop: async () => undefined },
    events: { record: (event) => void events.push(event), stop: async () => undefined },
  });
  return { enter, events, scopes };
}

it('counts for the key, wherever it is used from', async () => {
  const { enter, scopes, events } = entrance();
  expect(await enter(() => undefined, FROM)).toBe(actor);
  expect([scopes, events]).toEqual([[`actor:${actor.keyId}`], []]);
});

it('turns a key away that asks too often', async () => {
  const { enter, events } = entrance(500);
  await expect(enter(() => undefined, FROM)).rejects.toMatchObject({ code: 'rate_limited', retryAfterMs: 500 });
  expect(events).toMatchObject([{ type: 'rate_limited', actor: 'a' }]);
});

it('turns a key away that names another workspace, and notes it', async () => {
  const { enter, events } = entrance();
  await expect(enter(() => randomUUID(), FROM)).rejects.toMatchObject({ code: 'forbidden' });
  expect(events).toMatchObject([{ type: 'forbidden', actor: 'a', workspaceId: actor.workspaceId }]);
});
