export const AGENT_STATUSES = ['idle', 'initializing', 'active', 'busy', 'error', 'offline'] as const;
export type AgentStatus = (typeof AGENT_STATUSES)[number];

export type TransitionTable = Readonly<Record<AgentStatus, readonly AgentStatus[]>>;

/** Legal moves to another status: 21 of 30. Staying is always legal and changes nothing. */
export const AGENT_TRANSITIONS: TransitionTable = {
  idle: ['initializing', 'active', 'offline', 'error'],
  initializing: ['active', 'error', 'offline'],
  active: ['busy', 'idle', 'error', 'offline'],
  busy: ['active', 'idle', 'error', 'offline'],
  error: ['idle', 'active', 'offline'],
  offline: ['idle', 'initializing', 'active'],
};
