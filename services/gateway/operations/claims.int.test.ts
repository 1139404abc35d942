import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Log } from '../../shared/log.ts';
import { startPostgres, type PostgresStore } from '../../testing/stores.ts';
import { AUDIT } from '../audit/audit.ts';
import { MIGRATIONS } from '../database/migrations/index.ts';
import { createMigrator } from '../database/migrator.ts';
import { createPool } from '../database/pool.ts';
import { DEFAULT_WORKSPACE } from '../workspace.ts';
import type { NewOperation, OperationRow, OperationStore } from './operation.ts';
import { createOperationStore } from './store.ts';

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

let postgres: PostgresStore;
let pool: Pool;
let store: OperationStore;
beforeAll(async () => {
  postgres = await startPostgres();
  pool = createPool({ url: postgres.url, max: 4, log: SILENT });
  await createMigrator(pool, MIGRATIONS, SILENT).migrate();
  store = createOperationStore(pool, AUDIT, () => undefined);
});
afterAll(async () => {
  await pool.end();
  await postgres.dispose();
});

const input = (over: Partial<NewOperation> = {}): NewOperation => ({
  id: randomUUID(),
  workspaceId: DEFAULT_WORKSPACE,
  type: 'ai_inference',
  priority: 5,
  parameters: { text: 'x' },
  metadata: {},
  requireValidation: true,
  timeoutMs: 60_000,
  idempotencyKey: null,
  ...over,
});
const outcome = { step: 1, promptTokens: 3, completionTokens: 4, executionTimeMs: 1 } as const;

/** Two claims of one operation; the first one ran out while its runner was still at work. */
async function claimedTwice(): Promise<readonly [OperationRow, OperationRow]> {
  const { id } = (await store.create(input())).operation;
  const first = await claimed(id);
  const executing = await store.move(await store.move(first, { to: 'planning' }), { to: 'executing' });
  await store.plan(id, [{ worker: 'ai_ml', action: 'complete' }]);
  await store.startStep(executing, 1);
  await pool.query('update operations set lease_until = now() where id = $1', [id]);
  return [executing, await claimed(id)];
}

async function claimed(id: string): Promise<OperationRow> {
  const operation = await store.claim();
  if (operation?.id !== id) throw new Error(`claimed ${operation?.id ?? 'nothing'}, expected ${id}`);
  return operation;
}

describe('a runner whose claim ran out', () => {
  it('writes nothing any more, but the tokens that it spent', async () => {
    const [late, now] = await claimedTwice();
    await store.finishStep(now, { ...outcome, status: 'completed', result: { text: 'the one' } });
    await expect(store.startStep(late, 1)).rejects.toThrow('another runner took it over');
    await expect(store.finishStep(late, { ...outcome, status: 'failed', error: 'too late' })).rejects.toThrow('took it over');
    await expect(store.move(late, { to: 'failed', error: 'too late' })).rejects.toThrow('took it over');
    const done = await store.move(await store.move(now, { to: 'validating' }), { to: 'completed', confidence: 1 });
    expect(done).toMatchObject({ status: 'completed', error: null, tokens: 14 });
    const { steps } = await store.get(DEFAULT_WORKSPACE, now.id);
    expect(steps).toMatchObject([{ status: 'completed', result: { text: 'the one' } }]);
  });

  it('does not give away the claim of the next one', async () => {
    const [late, now] = await claimedTwice();
    await store.release(late);
    expect(await store.claim()).toBe(null);
    await store.release(now);
    expect(await store.claim()).toMatchObject({ id: now.id, claims: now.claims + 1 });
  });
});

describe('an idempotency key', () => {
  it.each([
    ['priority', { priority: 6 }],
    ['metadata', { metadata: { a: 1 } }],
    ['require_validation', { requireValidation: false }],
    ['timeout', { timeoutMs: 61_000 }],
  ])('is refused for another %s', async (_, over) => {
    const idempotencyKey = randomUUID();
    const made = await store.create(input({ idempotencyKey }));
    const again = await store.create(input({ idempotencyKey }));
    expect([made.created, again.created, again.operation.id]).toEqual([true, false, made.operation.id]);
    await expect(store.create(input({ idempotencyKey, ...over }))).rejects.toMatchObject({ code: 'idempotency_conflict' });
  });
});
