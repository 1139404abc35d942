import { createServer, connect, type AddressInfo, type Socket } from 'node:net';
import { afterAll, expect, it } from 'vitest';
import { scratchStore } from '../../../harness/environment/testing/scratch-stores.ts';
import { scalar, withPostgres } from '../stores.ts';
import { ownThings } from '../testing/own-things.ts';
import { isolationMatrix } from './matrix.ts';
import { LEVELS, PERMITTED } from './probe.ts';
import { PROBES } from './probes.ts';
import { openStage } from './stage.ts';

const store = await scratchStore('postgres');
const run = { signal: new AbortController().signal, own: ownThings() };
const own = store.environment.services.get('postgres')?.url ?? '';

afterAll(() => store[Symbol.asyncDispose]());

const failed = ({ attempts }: Awaited<ReturnType<typeof isolationMatrix>>): readonly string[] =>
  attempts.filter(({ ok }) => !ok).map(({ note }) => note.split(': ').slice(0, 2).join(': '));

it('finds each level as strict as Postgres is, and leaves nothing behind', async () => {
  const matrix = await isolationMatrix(own, store.url, run);
  expect(failed(matrix)).toEqual([]);
  expect(matrix.attempts).toHaveLength(25);
  expect(matrix.witnesses.map(({ saw }) => saw)).toEqual([
    'of 11 anomalies 6 happened: PMP, PMP write, P4, G-single, G2-item, G2',
    'of 11 anomalies 2 happened: G2-item, G2',
    'of 11 anomalies 0 happened',
  ]);
  const left = await withPostgres(store.url, (client) =>
    scalar(client, "select count(*)::int from pg_namespace where nspname like 'muster%'"),
  );
  expect(left).toBe(0);
});

it('sees what each level permits, so that what it does not see did not happen', async () => {
  await withPostgres(own, (client) => client.query('create table probe (id int primary key, value int not null)'));
  await using stage = await openStage(own, 'probe');
  for (const level of LEVELS)
    for (const probe of PROBES) {
      const seen = probe.happened(await stage.play(probe, level));
      expect({ level, probe: probe.name, seen }).toEqual({ level, probe: probe.name, seen: PERMITTED[level].includes(probe.name) });
    }
});

it('names what a way to the database lets happen that asks for a lower level than it was asked for', async () => {
  await using proxy = await rewriting(own, /isolation level (?:repeatable read|serializable)/gu, 'read write');
  expect(failed(await isolationMatrix(proxy.url, store.url, run))).toEqual([
    ...PERMITTED['read committed'].slice(0, 4).map((name) => `repeatable read: ${name} happened`),
    ...PERMITTED['read committed'].map((name) => `serializable: ${name} happened`),
  ]);
});

it('says so when transactions are not to be had', async () => {
  await using proxy = await rewriting(own, /begin isolation level [a-z ]+/gu, 'begin_is_not_allowed');
  expect(failed(await isolationMatrix(proxy.url, store.url, run))[0]).toContain('a transaction could not be opened');
});

it('needs a place for its table', async () => {
  await withPostgres(store.url, (client) => client.query("create role poor login password 'poor'"));
  const poor = Object.assign(new URL(own), { username: 'poor', password: 'poor' }).toString();
  await expect(isolationMatrix(poor, null, run)).rejects.toThrow('no table for the probes could be made');
});

/** Between client and server; what it finds in a statement it writes anew, filled up with spaces to the same length. */
async function rewriting(url: string, pattern: RegExp, replacement: string): Promise<AsyncDisposable & { readonly url: string }> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => socket.destroy());
    }
    client.on('data', (data) =>
      upstream.write(
        data.toString('latin1').replace(pattern, (found) => replacement.padEnd(found.length)),
        'latin1',
      ),
    );
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: Object.assign(new URL(url), { port: String((server.address() as AddressInfo).port) }).toString(),
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
