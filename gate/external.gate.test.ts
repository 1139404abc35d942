import { Client, escapeIdentifier } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { muster, startElsewhere, startPlainServer, type Elsewhere } from './elsewhere.ts';
import { idsIn, runMuster, type MusterRun } from './run-muster.ts';

const NO_STOPPING =
  'The provider external cannot stop services that Muster did not start. ' +
  'Nor is anything broken on purpose in them as long as `allow.faults` is false.';
const NO_REDIS_ADMIN = 'There is no `adminUrl` for "redis", a way in beside the service\'s own role.';

const NO_READINGS = 'The provider external cannot read CPU, memory and descriptors of services that run elsewhere.';

/** What cannot be seen from outside of a stack to whose Postgres there is a way in, and to whose Redis there is none. */
const UNSEEN: Readonly<Record<string, string>> = {
  'preflight.services.stay_up': 'The provider external does not see the processes of the services: an exit would go unnoticed.',
  'preflight.services.identity':
    'Muster did not start what answers at the addresses of the target file: nobody can say whether it is what was meant.',
  'preflight.redis.config': NO_REDIS_ADMIN,
  'benchmark.resources.cpu': NO_READINGS,
  'benchmark.resources.memory': NO_READINGS,
  'benchmark.resources.redis_memory': NO_REDIS_ADMIN,
  ...Object.fromEntries(['lost', 'delivery', 'latency', 'order'].map((what) => [`database.stream.${what}`, NO_REDIS_ADMIN])),
  ...Object.fromEntries(['big_keys', 'clients', 'slow_commands', 'ttl'].map((what) => [`database.redis.${what}`, NO_REDIS_ADMIN])),
  'database.stream.duplicates': NO_STOPPING,
  'database.stream.trimmed': NO_STOPPING,
  'recovery.consumer_kill.lost': NO_STOPPING,
  'recovery.consumer_kill.pending': NO_STOPPING,
  'recovery.dead_letters.kept': NO_STOPPING,
  ...Object.fromEntries(
    ['postgres', 'redis'].flatMap((store) =>
      ['lost_writes', 'no_hang', 'health_truthful', 'time_to_steady'].map((claim) => [`recovery.${store}_stop.${claim}`, NO_STOPPING]),
    ),
  ),
  'recovery.redis_stop.keeps_working': NO_STOPPING,
};

/** Nothing in them depends on who runs the stack; times are judged where the machine is quiet. */
const LEFT_OUT: readonly string[] = [
  'benchmark',
  'efficiency',
  'websocket',
  'concurrency.agents.success',
  'concurrency.agents.latency_mean',
];

const isLeftOut = (id: string): boolean => LEFT_OUT.some((name) => id === name || id.startsWith(`${name}.`));

interface InDatabase {
  /** Rows in the run's workspaces, by table. */
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
  /** Databases and schemas that bear Muster's name. */
  readonly named: readonly string[];
}

/** What is there of a run, whatever its report says. */
async function inDatabase(adminUrl: string, workspacePrefix: string): Promise<InDatabase> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const names = async (sql: string): Promise<readonly string[]> =>
      (await client.query<{ name: string }>(sql)).rows.map(({ name }) => name);
    const tables: { table: string; rows: number }[] = [];
    for (const table of await names(TABLES)) {
      const sql = `select count(*)::int as rows from ${escapeIdentifier(table)} where workspace_id::text like $1`;
      const { rows } = await client.query<{ rows: number }>(sql, [`${workspacePrefix}%`]);
      tables.push({ table, rows: rows[0]?.rows ?? Number.NaN });
    }
    return { tables, named: await names(NAMED) };
  } finally {
    await client.end();
  }
}

const TABLES = `select c.table_name::text as name from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
  where c.column_name = 'workspace_id' and table_schema = 'public' and t.table_type = 'BASE TABLE'`;
const NAMED = String.raw`select datname::text as name from pg_database where datname like 'muster\_%'
  union all select nspname::text from pg_namespace where nspname like 'muster\_%'`;

describe('the reference stack, run by somebody else', () => {
  let stack: Elsewhere;
  let run: MusterRun;
  beforeAll(async () => {
    stack = await startElsewhere(['postgres']);
    const args = ['validate', '--provider', 'external', '--target', stack.targetFile, '--profile', 'quick'];
    run = await runMuster([...args, '--skip', LEFT_OUT.join(',')], stack.env);
  });
  afterAll(async () => stack[Symbol.asyncDispose]());

  it('is measured as far as it can be seen; the rest is not run, each with its reason', () => {
    const unmeasured = (run.record?.criteria ?? []).filter(({ state, id }) => state === 'NOT_RUN' && !isLeftOut(id));
    const unseen = Object.entries(UNSEEN).filter(([id]) => !isLeftOut(id));
    expect(Object.fromEntries(unmeasured.map(({ id, reason }) => [id, reason])), run.stderr).toEqual(Object.fromEntries(unseen));
    expect({ violated: idsIn(run.record, 'VIOLATED'), errors: idsIn(run.record, 'ERROR') }, run.stderr).toEqual({
      violated: [],
      errors: [],
    });
    expect(idsIn(run.record, 'MET')).toEqual(
      expect.arrayContaining(['preflight.services.ready', 'preflight.migrations.head', 'database.deadlocks.count']),
    );
    expect({ verdict: run.record?.verdict, exitCode: run.exitCode }).toEqual({ verdict: 'NOT_ASSESSED', exitCode: 40 });
    expect(run.record?.environment.providerReason).toBe('asked for; addresses given by the target file');
  });

  it('has taken away again what it made: databases, rows, and every workspace with what is in it', async () => {
    const { things = [], notes } = run.record?.footprint ?? {};
    expect(things.map(({ what }) => what)).toEqual(expect.arrayContaining(['workspaces', 'databases', 'schemas', 'rows of vector.seed']));
    expect({ left: things.filter(({ made, removed }) => removed < made), notes }).toEqual({ left: [], notes: [] });
    const adminUrl = stack.services.find(({ name }) => name === 'postgres')?.adminUrl ?? '';
    const seen = await inDatabase(adminUrl, run.record?.footprint?.workspacePrefix ?? 'none');
    expect(seen.tables.length).toBeGreaterThan(10);
    expect({ left: seen.tables.filter(({ rows }) => rows > 0), named: seen.named }).toEqual({ left: [], named: [] });
  });

  it('gives away no password, whatever is written or printed', () => {
    const passwords = Object.values(stack.env).flatMap((url) => new URL(url).password || []);
    expect(passwords).toHaveLength(3);
    const texts = new Map([...run.written, ['stdout', run.stdout], ['stderr', run.stderr]]);
    expect([...texts.keys()]).toEqual(expect.arrayContaining(['report.json', 'index.html', 'junit.xml']));
    const leaks = [...texts].filter(([, text]) => passwords.some((password) => text.includes(password))).map(([name]) => name);
    expect(leaks).toEqual([]);
  });

  it('is still up afterwards, and the plan says beforehand what will not be seen', async () => {
    const target = ['--provider', 'external', '--target', stack.targetFile, '--profile', 'quick'];
    const plan = await muster(['plan', ...target, '--json'], { env: stack.env });
    const { criteria } = JSON.parse(plan.stdout) as {
      readonly criteria: readonly { readonly id: string; readonly notMeasurable: string | null }[];
    };
    const told = criteria.filter(({ notMeasurable }) => notMeasurable !== null);
    expect(Object.fromEntries(told.map(({ id, notMeasurable }) => [id, notMeasurable]))).toEqual(UNSEEN);

    const gateway = stack.services.find(({ name }) => name === 'gateway');
    expect((await fetch(`${gateway?.url ?? ''}/health`)).status).toBe(200);
  });
});

describe('a backend of another shape, run by somebody else', () => {
  const TARGET = ['validate', '--provider', 'external', '--profile', 'quick', '--target', 'gate/targets/plain-external.yaml'];

  it('is found under its base path', async () => {
    await using server = await startPlainServer({ PLAIN_BASE: '/staging/v2' });
    const address = `http://localhost:${server.port}/staging/v2/`;
    const run = await runMuster([...TARGET, '--suite', 'preflight,concurrency'], { PLAIN_URL: address, SIDE_URL: address });

    expect(idsIn(run.record, 'MET'), run.stderr).toEqual(
      expect.arrayContaining(['preflight.services.ready', 'preflight.services.health', 'concurrency.agents.success']),
    );
    expect({ violated: idsIn(run.record, 'VIOLATED'), exitCode: run.exitCode }).toEqual({ violated: [], exitCode: 40 });
  });

  it('that is down is a finding, with what was seen last, and nothing else is measured', async () => {
    await using server = await startPlainServer({});
    const run = await runMuster([...TARGET, '--suite', 'preflight,concurrency'], {
      PLAIN_URL: 'http://127.0.0.1:1/gone',
      SIDE_URL: `http://127.0.0.1:${server.port}`,
    });

    expect(idsIn(run.record, 'VIOLATED'), run.stderr).toEqual(['preflight.services.ready']);
    expect(run.record?.criteria.find(({ id }) => id === 'preflight.services.ready')?.reason).toMatch(
      /"web" did not answer as ready at http:\/\/127\.0\.0\.1:1\/gone \(tried .* last seen: GET \/ping failed with ECONNREFUSED\)/u,
    );
    expect(run.record?.criteria.find(({ id }) => id === 'concurrency.agents.success')).toMatchObject({
      state: 'NOT_RUN',
      blockedBy: 'preflight.services.ready',
    });
    expect(run.exitCode).toBe(30);
  });

  it('on hosts that nobody allowed is left alone: all of them are named, and what to write', async () => {
    const run = await runMuster(TARGET, {
      PLAIN_URL: 'https://me:correct-horse@staging.example.com/v2',
      SIDE_URL: 'http://10.1.2.3:8000',
    });

    const allowed = 'a loopback address; or, in the configuration, allow: { hosts: ["staging.example.com", "10.1.2.3"] }';
    expect(
      run.stderr
        .split('\n')
        .filter((line) => line !== '')
        .slice(0, 3),
    ).toEqual([
      'muster: The configuration has 2 mistakes:',
      `  gate/targets/plain-external.yaml:6 services.web.url: "https://me:[redacted]@staging.example.com/v2" is on the host staging.example.com, which is neither loopback nor in \`allow.hosts\` (allowed: ${allowed})`,
      `  gate/targets/plain-external.yaml:12 services.side.url: "http://10.1.2.3:8000" is on the host 10.1.2.3, which is neither loopback nor in \`allow.hosts\` (allowed: ${allowed})`,
    ]);
    expect({ exitCode: run.exitCode, record: run.record }).toEqual({ exitCode: 64, record: null });
  });
});
