import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { endpoint, headerValue, json, type Endpoint } from '../../shared/endpoint.ts';
import { byId, IDEMPOTENCY_HEADER, idempotencyKey, time, uuid } from '../schemas.ts';
import { WORKSPACE_HEADER, workspaceFor } from '../workspace.ts';
import { COMPLEXITIES, decide, DOMAINS, TRIGGERS } from './decision.ts';
import type { DelegationRow, DelegationStore } from './delegation.ts';
import { DELEGATION_STATUSES } from './states.ts';

const name = z.string().trim().min(1).max(128);
const newDelegation = z.strictObject({ request: z.string().trim().min(1).max(3000), user_id: name, session_id: name });

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const decision = z
  .object({
    should_delegate: z.boolean(),
    confidence: share,
    complexity_score: share,
    complexity: z.enum(COMPLEXITIES),
    triggers: z.array(z.enum(TRIGGERS)),
    domains: z.array(z.enum(DOMAINS)),
    reasoning: z.string(),
  })
  .meta({ id: 'DelegationDecision' });
const accepted = z.object({ delegation_id: uuid, status: z.enum(DELEGATION_STATUSES), decision });
const response = z.object({
  expert: z.string(),
  status: z.enum(['completed', 'failed']),
  answer: z.string().nullable(),
  confidence: share.nullable(),
  tokens: count,
  error: z.string().nullable(),
  execution_time_ms: z.number().min(0),
});
const delegation = z
  .object({
    ...accepted.shape,
    request: z.string(),
    user_id: z.string(),
    session_id: z.string(),
    progress: z.int().min(0).max(100),
    experts: z.array(
      z.object({ expert: z.string(), title: z.string(), expertise: z.array(z.string()), deliverables: z.array(z.string()) }),
    ),
    responses: z.array(response),
    result: z.object({ text: z.string(), delegated: z.boolean(), answered: count, asked: count }).nullable(),
    error: z.string().nullable(),
    /** Sum of the token ledger. */
    tokens_used: count,
    version: z.int().min(1),
    deadline_at: time,
    created_at: time,
    started_at: time.nullable(),
    finished_at: time.nullable(),
    updated_at: time,
  })
  .meta({ id: 'Delegation' });

const common = { tag: 'delegations', headers: WORKSPACE_HEADER } as const;

/** @param created called after a new delegation was committed. */
export function delegationEndpoints(store: DelegationStore, created: () => void): readonly Endpoint[] {
  return [...asking(store, created), ...following(store)];
}

function asking(store: DelegationStore, created: () => void): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      headers: { ...WORKSPACE_HEADER, ...IDEMPOTENCY_HEADER },
      method: 'post',
      path: '/api/v1/delegations',
      summary: 'Decide who is asked, and ask; sent twice with one key, it is asked once',
      body: newDelegation,
      answers: { 202: accepted },
      errors: ['idempotency_conflict'],
      handle: async (call) => {
        const { request, user_id: userId, session_id: sessionId } = call.body;
        const key = headerValue(call, 'idempotency-key', idempotencyKey) ?? null;
        const asked = { request, userId, sessionId, decision: decide(request), idempotencyKey: key };
        const made = await store.create({ ...asked, id: randomUUID(), workspaceId: workspaceFor(call) });
        if (made.created) created();
        const { id, status, decision: decided } = made.delegation;
        return json(202, { delegation_id: id, status, decision: decided });
      },
    }),
  ];
}

function following(store: DelegationStore): readonly Endpoint[] {
  return [
    endpoint({
      ...common,
      method: 'get',
      path: '/api/v1/delegations/{id}',
      summary: 'One delegation with the answers so far',
      params: byId,
      answers: { 200: delegation },
      handle: async (call) => json(200, await describe(store, await store.get(workspaceFor(call), call.params.id))),
    }),
    endpoint({
      ...common,
      method: 'post',
      path: '/api/v1/delegations/{id}/cancel',
      summary: 'Call a delegation off',
      params: byId,
      answers: { 200: delegation },
      errors: ['invalid_transition'],
      handle: async (call) => json(200, await describe(store, await store.cancel(workspaceFor(call), call.params.id))),
    }),
  ];
}

async function describe(store: DelegationStore, row: DelegationRow): Promise<Readonly<Record<string, unknown>>> {
  const [responses, tokens] = await Promise.all([store.responses(row.id), store.tokens(row.id)]);
  return {
    delegation_id: row.id,
    status: row.status,
    decision: row.decision,
    request: row.request,
    user_id: row.user_id,
    session_id: row.session_id,
    progress: row.progress,
    experts: row.experts,
    responses,
    result: row.result,
    error: row.error,
    tokens_used: tokens,
    version: row.version,
    deadline_at: row.deadline_at,
    created_at: row.created_at,
    started_at: row.started_at,
    finished_at: row.finished_at,
    updated_at: row.updated_at,
  };
}
