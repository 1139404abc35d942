import { expect, it } from 'vitest';
import { deliver, oldestPositions, type Subscription } from './feeds.ts';
import type { AgentEvent } from './outbox.ts';

const event = (seq: number): AgentEvent => ({
  event_type: 'agent_activity',
  seq,
  event_id: String(seq),
  timestamp: '',
  committed_at: '',
  workspace_id: 'w',
  agent_id: null,
  task_id: null,
  data: null,
});

function subscriber(afterSeq: number, workspaceId = 'w'): Subscription & { readonly seen: number[] } {
  const seen: number[] = [];
  return { workspaceId, afterSeq, seen, deliver: ({ seq }) => seen.push(seq) };
}

it('delivers each event once and in order to subscribers that stand at different places', () => {
  const early = subscriber(0);
  const late = subscriber(2);
  deliver([event(1), event(2), event(3)], [early, late]);
  deliver([event(2), event(3), event(4)], [early, late]);
  expect(early.seen).toEqual([1, 2, 3, 4]);
  expect(late.seen).toEqual([3, 4]);
});

it('reads from where the one furthest behind stands, per workspace', () => {
  expect([...oldestPositions([subscriber(5), subscriber(2), subscriber(9, 'v')])]).toEqual([
    ['w', 2],
    ['v', 9],
  ]);
});
