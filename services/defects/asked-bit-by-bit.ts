import type { Seams } from '../gateway/seams.ts';

const SETTINGS = 40;

/** A list asks for its settings one by one, however many agents it has. */
export const ASKED_BIT_BY_BIT: Partial<Seams> = {
  agents: (agents, { pool }) => ({
    ...agents,
    list: async (workspaceId, projectId) => {
      for (let setting = 0; setting < SETTINGS; setting++) {
        await pool.query('select title from agent_definitions where slug = $1', [`setting-${setting}`]);
      }
      return agents.list(workspaceId, projectId);
    },
  }),
};
