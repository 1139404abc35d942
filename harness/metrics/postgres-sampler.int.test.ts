import { once } from 'node:events';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresSample } from './postgres-sampler.ts';
import { OBSERVER_APPLICATION, postgresSampler } from './postgres-sampler.ts';
import type { Sampler } from './sampling-loop.ts';
import { type ScratchStore, scratchStore } from '../environment/testing/scratch-stores.ts';

/** Waits until a sample taken from now on satisfies `enough`. */
async function sampled(sampler: Sampler<PostgresSample>, enough: (sample: PostgresSample) => boolean): Promise<PostgresSample> {
  const from = sampler.samples.length;
  for (;;) {
    const found = sampler.samples.slice(from).find(enough);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('postgresSampler', () => {
  let postgres: ScratchStore;
  const clients: Client[] = [];

  beforeAll(async () => {
    postgres = await scratchStore('postgres');
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) await client.end();
  });

  afterAll(async () => {
    await postgres[Symbol.asyncDispose]();
  });

  async function connect(name: string): Promise<Client> {
    const client = new Client({ connectionString: postgres.url, application_name: name });
    client.on('error', () => undefined);
    await client.connect();
    clients.push(client);
    return client;
  }

  it('counts sessions by state, the idle transaction and who waits for it', async () => {
    const [holder, waiter, muster] = [await connect('gateway'), await connect('gateway'), await connect('muster-witness')];
    await connect('worker');
    await muster.query('create table if not exists counter (n int); insert into counter values (1)');
    await holder.query('begin; update counter set n = 2');
    const blocked = waiter.query('update counter set n = 3');
    await using sampler = postgresSampler({ connectionString: postgres.url, intervalMs: 20 });
    const { activity } = await sampled(sampler, (sample) => sample.activity?.blocked === 1);
    expect(activity).toMatchObject({ total: 3, active: 1, idle: 1, idleInTransaction: 1, blocked: 1 });
    const earlier = activity?.longestIdleInTransactionMs ?? Number.NaN;
    const later = await sampled(sampler, () => true);
    expect(later.activity?.longestIdleInTransactionMs).toBeGreaterThan(earlier);
    expect(later.activity?.longestTransactionMs).toBeGreaterThanOrEqual(later.activity?.longestIdleInTransactionMs ?? Number.NaN);
    await holder.query('rollback');
    await blocked;
    const after = await sampled(sampler, (sample) => sample.activity?.blocked === 0);
    expect(after.activity).toMatchObject({ idleInTransaction: 0, longestIdleInTransactionMs: 0 });
  });

  it('counts only the applications it was asked for', async () => {
    await connect('gateway-1');
    await connect('gateway-2');
    await connect('worker');
    await using sampler = postgresSampler({ connectionString: postgres.url, intervalMs: 20, applicationFilter: 'gateway-%' });
    expect((await sampled(sampler, (sample) => sample.activity !== null)).activity?.total).toBe(2);
  });

  it('has gaps while the server is away and comes back by itself', async () => {
    await using sampler = postgresSampler({ connectionString: postgres.url, intervalMs: 20 });
    await sampled(sampler, (sample) => sample.activity !== null);
    await postgres.environment.stop('postgres', 'stop');
    const gap = await sampled(sampler, (sample) => sample.activity === null);
    expect(gap.error).not.toBe('');
    await sampled(sampler, (sample) => sample.error?.includes('ECONNREFUSED') === true);
    await postgres.environment.start('postgres');
    expect((await sampled(sampler, (sample) => sample.activity !== null)).error).toBeNull();
  });

  it('leaves no session behind', async () => {
    const sampler = postgresSampler({ connectionString: postgres.url, intervalMs: 20 });
    await sampled(sampler, (sample) => sample.activity !== null);
    await sampler.stop();
    const witness = await connect('muster-witness');
    const left = () => witness.query('select 1 from pg_stat_activity where application_name = $1', [OBSERVER_APPLICATION]);
    while ((await left()).rowCount !== 0) await new Promise((resolve) => setTimeout(resolve, 10));
    expect((await left()).rowCount).toBe(0);
  });
});

describe('postgresSampler against a server that accepts and stays silent', () => {
  it('records a gap with its reason and can be stopped', async () => {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket.on('error', () => socket.destroy()))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sampler = postgresSampler({ connectionString: `postgres://nobody@127.0.0.1:${port}/none`, intervalMs: 20 });
    const gap = await sampled(sampler, () => true);
    expect(gap).toMatchObject({ activity: null });
    expect(gap.error).toContain('timeout');
    await sampler.stop();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
});
