import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { ANYBODY } from '../../shared/actor.ts';
import { fakePeer } from '../../testing/fake-peer.ts';
import type { PreparedStream } from '../ws/event-stream.ts';
import { Session } from './session.ts';

const CALLER = { sessionId: null, agent: 'a', workspaceId: randomUUID(), actor: ANYBODY };

function counted(): { readonly stream: PreparedStream; open: number } {
  const state = {
    open: 0,
    stream: {
      from: 0,
      keptFrom: null,
      start: () => {
        state.open++;
        return () => {
          state.open--;
        };
      },
    },
  };
  return state;
}

it('holds one subscription, and none when the client is gone', () => {
  const { peer } = fakePeer();
  const session = new Session(randomUUID(), CALLER, peer);
  const counts = counted();
  session.subscribe(counts.stream);
  session.subscribe(counts.stream);
  expect(counts.open).toBe(1);
  peer.close(1000, '');
  expect(counts.open).toBe(0);
});

it('subscribes nobody who left while the subscription was prepared', () => {
  const { peer } = fakePeer();
  const session = new Session(randomUUID(), CALLER, peer);
  const counts = counted();
  peer.close(1000, '');
  session.subscribe(counts.stream);
  expect(counts.open).toBe(0);
});
