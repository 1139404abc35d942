import { expect, it } from 'vitest';
import { AGENT_STATUSES, AGENT_TRANSITIONS } from './status.ts';

it('allows 21 of the 30 moves to another status', () => {
  expect(AGENT_STATUSES.flatMap((from) => AGENT_TRANSITIONS[from])).toHaveLength(21);
});

it.each([
  ['idle', 'busy'],
  ['initializing', 'idle'],
  ['initializing', 'busy'],
  ['active', 'initializing'],
  ['busy', 'initializing'],
  ['error', 'initializing'],
  ['error', 'busy'],
  ['offline', 'busy'],
  ['offline', 'error'],
] as const)('refuses %s to %s', (from, to) => {
  expect(AGENT_TRANSITIONS[from]).not.toContain(to);
});

it('lists no status as a move to itself', () => {
  for (const status of AGENT_STATUSES) expect(AGENT_TRANSITIONS[status]).not.toContain(status);
});
