import { setTimeout as delay } from 'node:timers/promises';
import { labelsOf, reportLabel, requireAgent, type LabelledAgent } from '../gateway/agents/labels.ts';
import { inTransaction } from '../gateway/database/pool.ts';
import type { SeamContext, Seams } from '../gateway/seams.ts';

/** Between reading and saving, as a service does that works with what it read. */
const WORKING_MS = 5;

/** Saves the collection as an object mapper does that does not know what is new: all of it, and nothing else. */
export const LABEL_OVERWRITTEN: Partial<Seams> = {
  labels: (labels, context) => ({
    ...labels,
    add: async (agent, label) => {
      const known = await labels.list(agent);
      if (known.includes(label)) return known;
      await delay(WORKING_MS);
      return saveAll(context, agent, { known, label });
    },
  }),
};

interface Saved {
  readonly known: readonly string[];
  readonly label: string;
}

function saveAll({ pool, audit }: SeamContext, agent: LabelledAgent, { known, label }: Saved): Promise<readonly string[]> {
  return inTransaction(pool, async (sql) => {
    // One saves after the other, and still each saves what it knew before.
    await requireAgent(sql, agent, 'for no key update');
    const all = [agent.agentId, [...known, label]];
    await sql.query('delete from agent_labels where agent_id = $1 and label <> all ($2)', all);
    await sql.query('insert into agent_labels (agent_id, label) select $1, unnest($2::text[]) on conflict do nothing', all);
    await reportLabel(sql, audit, agent, label);
    return labelsOf(sql, agent.agentId);
  });
}
