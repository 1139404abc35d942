import type { Sql } from '../database/pool.ts';

const BATCH = 1000;

export type DeleteOldMessages = (sql: Sql, keep: number, stopped: AbortSignal) => Promise<void>;

/** Deletes messages beyond the newest `keep` of their agent, a bounded batch at a time, without keeping anybody waiting. */
export const deleteOldMessages: DeleteOldMessages = async (sql, keep, stopped) => {
  while (!stopped.aborted && (await deleteBatch(sql, keep)) === BATCH);
};

/** Reads by the index on (agent_id, position): nothing is looked at that stays. What another instance deletes is passed over. */
async function deleteBatch(sql: Sql, keep: number): Promise<number> {
  const { rowCount } = await sql.query(
    `delete from agent_messages where id in (
       select old.id from agent_instances a
       cross join lateral (
         select m.id from agent_messages m where m.agent_id = a.id and m.position <= a.message_count - $1
         order by m.position limit ${BATCH} for update skip locked
       ) old
       where a.message_count > $1 limit ${BATCH})`,
    [keep],
  );
  return rowCount ?? 0;
}
