import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { createAgents } from './agents.ts';
import { agentEndpoints } from './endpoints.ts';
import { messageEndpoints } from './message-endpoints.ts';
import { labelEndpoints } from './label-endpoints.ts';
import { createLabels } from './labels.ts';
import { AGENT_LOCKS } from './locks.ts';
import { createMessages } from './messages.ts';
import { deleteOldMessages } from './retention.ts';
import { AGENT_TRANSITIONS } from './status.ts';

const RETENTION_EVERY_MS = 2000;

/** Agents, their status, their messages and their labels. */
export function agentsFeature(core: Core): Feature {
  const { pool, config, schema, seams, reporter } = core;
  const agents = seams.agents(
    createAgents({ ...core, transitions: seams.transitions(AGENT_TRANSITIONS), locks: seams.agentLocks(AGENT_LOCKS) }),
    core,
  );
  const messages = seams.messages(createMessages(core), core);
  const labels = seams.labels(createLabels(core), core);
  const deleteOld = seams.messageRetention(deleteOldMessages);
  const retention = schema.repeat(
    (stopped) => deleteOld(pool, config.messageRetention, stopped),
    RETENTION_EVERY_MS,
    reporter('message_retention_failed'),
  );
  return {
    endpoints: [...agentEndpoints(agents), ...messageEndpoints(messages), ...labelEndpoints(labels)],
    stop: () => retention.stop(),
  };
}
