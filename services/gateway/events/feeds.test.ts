import { expect, it } from 'vitest';
import { deliver, EVERYTHING, isWanted, oldestPositions, type EventFilter, type Subscription } from './feeds.ts';
import type { AgentEvent } from './outbox.ts';

const event = (seq: number, about: Partial<AgentEvent> = {}): AgentEvent => ({
  event_type: 'agent_activity',
  seq,
  event_id: String(seq),
  timestamp: '',
  committed_at: '',
  workspace_id: 'w',
  agent_id: null,
  task_id: null,
  data: null,
  ...about,
});

interface Following {
  readonly workspaceId?: string;
  readonly filter?: EventFilter;
}

function subscriber(
  afterSeq: number,
  { workspaceId = 'w', filter = EVERYTHING }: Following = {},
): Subscription & { readonly seen: number[] } {
  const seen: number[] = [];
  return { workspaceId, filter, afterSeq, seen, deliver: ({ seq }) => seen.push(seq) };
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
  expect([...oldestPositions([subscriber(5), subscriber(2), subscriber(9, { workspaceId: 'v' })])]).toEqual([
    ['w', 2],
    ['v', 9],
  ]);
});

it('passes over what a subscriber does not want, and does not come back to it', () => {
  const one = subscriber(0, { filter: { ...EVERYTHING, agentIds: new Set(['a']) } });
  deliver([event(1, { agent_id: 'a' }), event(2, { agent_id: 'b' }), event(3)], [one]);
  expect(one.seen).toEqual([1]);
  expect(one.afterSeq).toBe(3);
});

it.each([
  ['everything', EVERYTHING, [true, true, true, true]],
  ['agents', { ...EVERYTHING, agentIds: new Set(['a', 'c']) }, [true, false, false, false]],
  ['a task', { ...EVERYTHING, taskId: 't' }, [false, false, true, false]],
  ['a delegation', { ...EVERYTHING, delegationId: 'd' }, [false, false, false, true]],
])('wants of %s what belongs to it', (_, filter, wanted) => {
  const events = [
    event(1, { agent_id: 'a' }),
    event(2, { agent_id: 'b', data: { delegation_id: 'd' } }),
    event(3, { event_type: 'task_event', task_id: 't' }),
    event(4, { event_type: 'delegation_event', data: { delegation_id: 'd' } }),
  ];
  expect(events.map((one) => isWanted(filter, one))).toEqual(wanted);
});
