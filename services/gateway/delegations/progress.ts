import type { Sql } from '../database/pool.ts';
import type { DelegationRow, DelegationStore, Ending, Tokens } from './delegation.ts';
import type { Expert } from './experts.ts';
import { appendFrame } from './frames.ts';
import { COLUMNS, LEASE } from './rows.ts';
import { originsOf } from './states.ts';

/** Where the experts' answers begin and end on the way from 0 to 100. */
const INITIATED = 40;
const ANSWERED = 90;

type Changed = DelegationRow & { readonly frames: number };

/** Starts the work; what is delegated goes on the board, one request per expert. */
export async function begin(sql: Sql, delegation: DelegationRow, experts: readonly Expert[]): Promise<DelegationRow | null> {
  const delegated = delegation.decision.should_delegate;
  const { rows } = await sql.query<Changed>(
    `update delegations set status = 'in_progress', experts = $2, frames = frames + 1, progress = ${INITIATED}, started_at = now(),
       updated_at = now(), version = version + 1, lease_until = now() + ${LEASE}
     where id = $1 and status = any($3) returning ${COLUMNS}, frames`,
    [delegation.id, JSON.stringify(experts), originsOf('in_progress')],
  );
  const [begun] = rows;
  if (begun === undefined) return null;
  if (delegated) await putOnBoard(sql, begun, experts);
  await appendFrame(sql, begun, {
    type: delegated ? 'delegation_initiated' : 'progress',
    seq: begun.frames,
    progress: INITIATED,
    experts: experts.map(({ expert, expertise }) => ({ expert, expertise })),
  });
  return begun;
}

async function putOnBoard(sql: Sql, { id, request }: DelegationRow, experts: readonly Expert[]): Promise<void> {
  const events = experts.map(({ expert, expertise, deliverables }) => ({
    recipient: expert,
    content: { request, expertise, deliverables },
  }));
  await sql.query(
    `insert into board_events (delegation_id, type, performative, sender, recipient, content)
     select $1, 'task_delegated', 'request', 'gateway', recipient, content
     from jsonb_to_recordset($2) as t (recipient text, content jsonb) on conflict do nothing`,
    [id, JSON.stringify(events)],
  );
}

export async function respond(sql: Sql, delegation: DelegationRow, response: Parameters<DelegationStore['respond']>[1]): Promise<boolean> {
  const { id } = delegation;
  await bookTokens(sql, delegation, response);
  const locked = await sql.query(`select from delegations where id = $1 and status = 'in_progress' for update`, [id]);
  if (locked.rowCount === 0) return false;
  const { rowCount } = await sql.query(
    `insert into expert_responses (delegation_id, expert, status, answer, confidence, tokens, error, execution_time_ms)
     values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
    [
      id,
      response.expert,
      response.status,
      response.answer,
      response.confidence,
      response.promptTokens + response.completionTokens,
      response.error,
      response.execution_time_ms,
    ],
  );
  // Another runner had the answer already: its frame was sent.
  if (rowCount === 0) return true;
  await sql.query('update board_events set processed_at = now() where delegation_id = $1 and recipient = $2', [id, response.expert]);
  await tellAnswer(sql, delegation, response);
  return true;
}

async function tellAnswer(
  sql: Sql,
  delegation: DelegationRow,
  { expert, status }: { readonly expert: string; readonly status: string },
): Promise<void> {
  const { rows } = await sql.query<{ frames: number; progress: number; answered: number; asked: number }>(
    `update delegations set frames = frames + 1, updated_at = now(), lease_until = now() + ${LEASE},
       progress = ${INITIATED} + ${ANSWERED - INITIATED} * (select count(*) from expert_responses where delegation_id = $1)
         / greatest(1, jsonb_array_length(experts))
     where id = $1
     returning frames, progress, (select count(*)::int from expert_responses where delegation_id = $1) as answered,
       jsonb_array_length(experts) as asked`,
    [delegation.id],
  );
  const [now] = rows;
  if (now === undefined) throw new Error(`delegation ${delegation.id} is gone`);
  const { frames: seq, ...rest } = now;
  await appendFrame(sql, delegation, { type: 'progress', seq, ...rest, expert, status });
}

/** To an end state, if it is still open. */
export async function end(sql: Sql, delegation: DelegationRow, { to, result, error, tokens }: Ending): Promise<DelegationRow | null> {
  if (tokens !== undefined) await bookTokens(sql, delegation, tokens);
  const { rows } = await sql.query<Changed>(
    `update delegations set status = $2, result = $3, error = $4, frames = frames + 1, finished_at = now(), updated_at = now(),
       version = version + 1, progress = case when $2 = 'completed' then 100 else progress end
     where id = $1 and status = any($5) returning ${COLUMNS}, frames`,
    [delegation.id, to, result === undefined ? null : JSON.stringify(result), error ?? null, originsOf(to)],
  );
  const [ended] = rows;
  if (ended === undefined) return null;
  const common = { seq: ended.frames, progress: ended.progress, status: to };
  if (to === 'completed') await appendFrame(sql, ended, { ...common, type: 'delegation_completed', result: ended.result });
  else await appendFrame(sql, ended, { ...common, type: 'error', error: { code: to, message: ended.error } });
  return ended;
}

/** Tokens were spent, whatever became of the answer. */
async function bookTokens(
  sql: Sql,
  { id, workspace_id: workspaceId }: DelegationRow,
  { promptTokens, completionTokens }: Tokens,
): Promise<void> {
  if (promptTokens + completionTokens === 0) return;
  await sql.query(
    `insert into token_ledger (op_id, workspace_id, kind, prompt, completion, source) values ($1, $2, 'delegation', $3, $4, 'worker')`,
    [id, workspaceId, promptTokens, completionTokens],
  );
}
