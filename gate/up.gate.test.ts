import { appendFile, cp, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { processInfo } from '../harness/environment/process-table.ts';
import { KEPT, type Machine, onMachine, QUICK, type Status, TARGETS, until } from './machine.ts';

describe('a stack that stays up', () => {
  it.concurrent(
    'shows its logs, lets one run at a time work with it, mends what a killed run broke, and goes away',
    onMachine(async (machine) => {
      const up = await machine.muster('up', ...KEPT);
      expect(up.exitCode, up.stderr).toBe(0);
      expect(up.stdout).toMatch(/^cache +redis:\/\/.*\nweb +http:\/\/127\.0\.0\.1:\d+\n$/u);
      expect(up.stderr).toMatch(/web: ready after \d+ ms/u);
      expect(up.stderr).toContain('provider local: asked for; local processes: ');
      expect(await machine.muster('up', ...KEPT)).toMatchObject({
        exitCode: 64,
        stderr: expect.stringContaining('[MUSTER_ALREADY_UP]') as unknown,
      });

      const before = await reusedPreflight(machine);
      await refusedForOtherServices(machine);
      const first = machine.start(['validate', ...QUICK, '--suite', 'preflight,recovery', '--json', '--out', 'killed']);
      await first.says('"kind":"phase","suite":"preflight"');
      const second = machine.muster('validate', ...QUICK, '--suite', 'preflight', '--out', 'second');
      await first.says('"phase":"injected"');
      first.child.kill('SIGKILL');
      await first.ended;
      const { exitCode, stderr } = await second;
      expect(exitCode).toBe(64);
      expect(stderr).toMatch(/The stack is in use by run \S+ \(pid \d+\)[^]*\[MUSTER_STACK_IN_USE\]/u);

      const after = await until(
        () => machine.status(),
        ({ guest }) => guest === null,
      );
      expect(after.services.map(({ name, running, restarts }) => ({ name, running, restarts }))).toEqual([
        { name: 'cache', running: true, restarts: 1 },
        { name: 'web', running: true, restarts: 0 },
      ]);
      expect(after.pid).toBe(before.pid);
      const again = await machine.muster('preflight', ...QUICK, '--suite', 'preflight', '--out', 'again');
      expect(
        (await machine.recordIn('again')).services.map(({ restarts }) => restarts),
        again.stderr,
      ).toEqual([0, 0]);

      const down = await machine.muster('down');
      expect(down.exitCode, down.stderr).toBe(0);
      expect(down.stderr).toMatch(/The stack of kept in .* is down after \d+\.\d s: cache, web; provider local\./u);
      expect(await machine.muster('down')).toMatchObject({ exitCode: 0, stderr: 'Nothing is up from this folder.\n' });
      expect(await machine.left()).toEqual([]);
    }),
  );

  /** What a run on the stack reports is about the run, and says where the stack came from. */
  async function reusedPreflight(machine: Machine): Promise<Status> {
    const stack = await machine.status();
    const run = await machine.muster('validate', ...QUICK, '--suite', 'preflight', '--out', 'first');
    const record = await machine.recordIn('first');
    expect({ exitCode: run.exitCode, complete: record.run.complete }, run.stderr).toEqual({ exitCode: 40, complete: true });
    expect(record.run).toMatchObject({ provider: 'local', command: expect.stringContaining('--reuse') as unknown });
    expect(record.environment.providerReason).toMatch(/^reused the stack that `muster up` started at \S+ \(asked for\); local processes/u);
    expect(record.criteria.find(({ id }) => id === 'preflight.services.ready')).toMatchObject({
      state: 'MET',
      reproduce: expect.stringContaining(' --reuse ') as unknown,
    });
    expect(record.services.map(({ pid, readyMs, state }) => ({ pid, readyMs, state }))).toEqual(
      stack.services.map(({ pid }) => ({ pid, readyMs: null, state: 'running' })),
    );
    expect(Object.keys(record.overhead)).toContain('joinedMs');
    expect(Object.keys(record.overhead)).not.toContain('readyMs');
    return stack;
  }

  async function refusedForOtherServices(machine: Machine): Promise<void> {
    const other = await machine.start(['validate', ...QUICK, '--suite', 'preflight', '--out', 'other'], { KEPT_TOKEN: 'another' }).ended;
    expect(other.exitCode).toBe(64);
    expect(other.stderr).toMatch(/is not the one this run asks for .*: services\.web\.env\.[^]*\[MUSTER_OTHER_STACK\]/u);
  }

  it.concurrent(
    'is refused to a run once the code of its services has changed, and goes away on two commands at once',
    onMachine(async (machine) => {
      const app = join(machine.tmp, 'app');
      await cp(TARGETS, app, { recursive: true });
      const target = ['--target', join(app, 'kept.yaml')];
      const up = await machine.muster('up', ...target);
      expect(up.exitCode, up.stderr).toBe(0);
      await appendFile(join(app, 'kept-server.mjs'), '\n// mended\n');

      const run = await machine.muster('validate', ...target, '--profile', 'quick', '--reuse', '--suite', 'preflight');
      expect(run).toMatchObject({
        exitCode: 64,
        stderr: expect.stringMatching(/: services\.web\.code\.[^]*\[MUSTER_OTHER_STACK\]/u) as unknown,
      });
      const downs = await Promise.all([machine.muster('down'), machine.muster('down')]);
      expect(
        downs.map(({ exitCode }) => exitCode),
        downs.map(({ stderr }) => stderr).join('\n'),
      ).toEqual([0, 0]);
      expect(await machine.left()).toEqual([]);
    }),
  );

  it.concurrent(
    'tells what its services write, without secrets, until it ends',
    onMachine(async (machine) => {
      await machine.start(['up', ...KEPT], { KEPT_TOKEN: 'open-sesame' }).ended;
      const several = await machine.muster('logs', '--lines', '1');
      expect(several.stdout).toMatch(/^cache \| .*\nweb {3}\| listening, token=\[redacted\]\n$/u);
      expect((await machine.muster('logs', 'web', '--since-start', '--json')).stdout).toBe(
        '{"service":"web","line":"listening, token=[redacted]"}\n',
      );
      expect(await machine.muster('logs', 'wbe')).toMatchObject({
        exitCode: 64,
        stderr: expect.stringContaining('The stack has no service "wbe"; there are: cache, web.') as unknown,
      });

      const following = machine.start(['logs', 'web', '--follow']);
      const watching = machine.start(['logs', '--follow']);
      await Promise.all([following.says('listening'), watching.says('listening')]);
      following.child.kill('SIGINT');
      expect(await following.ended).toMatchObject({ exitCode: 0 });
      await machine.muster('down');
      expect(await watching.ended).toMatchObject({ exitCode: 0, stderr: 'muster: the stack has ended\n' });
      expect(await machine.muster('logs')).toMatchObject({ exitCode: 64, stderr: expect.stringContaining('`muster up`') as unknown });
    }),
  );

  it.concurrent(
    'that is taken down under a run makes it incomplete, not red',
    onMachine(async (machine) => {
      await machine.muster('up', ...KEPT);
      const run = machine.start(['validate', ...QUICK, '--suite', 'preflight,recovery', '--json', '--out', 'cut']);
      await run.says('"phase":"injected"');
      const down = await machine.start(['down', '--all'], {}, '/').ended;

      expect(down.stderr).toMatch(/Run \S+ \(pid \d+\) was working with it and will be incomplete\./u);
      const { exitCode, stderr } = await run.ended;
      expect(exitCode, stderr).toBe(69);
      const record = await machine.recordIn('cut');
      expect(record.run.complete).toBe(false);
      expect(record.reason).toContain('the stack of `muster up` is gone');
      expect(record.criteria.filter(({ state }) => state === 'VIOLATED')).toEqual([]);
    }),
  );

  it.concurrent(
    'is put away when the process that holds it is killed, and `down` says so',
    onMachine(async (machine) => {
      await machine.muster('up', ...KEPT);
      const { pid, services } = await machine.status();
      process.kill(pid, 'SIGKILL');
      expect(await machine.muster('validate', ...QUICK)).toMatchObject({
        exitCode: 64,
        stderr: expect.stringContaining('has died') as unknown,
      });
      const down = await machine.muster('down');

      expect({ exitCode: down.exitCode, stderr: down.stderr }).toEqual({
        exitCode: 0,
        stderr: expect.stringMatching(/had lost the process that held it \(pid \d+\)/u) as unknown,
      });
      expect(await machine.left()).toEqual([]);
      for (const service of services) expect(processInfo(service.pid)).toBeNull();
    }),
  );
});

describe('a stack that does not come up', () => {
  it.concurrent(
    'because a service of the target dies names it with its last words, exits 30 and leaves nothing',
    onMachine(async (machine) => {
      const up = await machine.start(['up', ...KEPT], { KEPT_MODE: 'dies' }).ended;

      expect(up.exitCode, up.stderr).toBe(30);
      expect(up.stderr).toMatch(
        / {2}web: It exited with code 3 before it was ready[^]*\| loading the model\n.*\| the model is missing, leaving\n/u,
      );
      expect(up.stderr).toContain('[MUSTER_UP_FAILED]');
      expect(await machine.left()).toEqual([]);
    }),
  );

  it.concurrent(
    'because of this machine keeps code, exit code and next step of the error',
    onMachine(async (machine) => {
      const up = await machine.start(['up', ...KEPT], { MUSTER_REDIS_SERVER: join(machine.tmp, 'no-redis') }).ended;

      expect(up.exitCode, up.stderr).toBe(69);
      expect(up.stderr).toMatch(/muster: Redis .*was not found[^]*\.\/scripts\/setup[^]*\[MUSTER_BINARY_MISSING\]/u);
      expect(await machine.left()).toEqual([]);
    }),
  );

  it.concurrent(
    'because the command is interrupted leaves nothing',
    onMachine(async (machine) => {
      const up = machine.start(['up', '--target', fileURLToPath(new URL('./targets/plain.yaml', import.meta.url))], {
        PLAIN_MODE: 'never-ready',
        PLAIN_WITHIN: '30s',
      });
      await until(
        () => readdir(machine.tmp),
        (names) => names.some((name) => /^muster-2\d{7}-/u.test(name)),
      );
      up.child.kill('SIGINT');

      expect(await up.ended).toMatchObject({ exitCode: 130 });
      expect(await machine.left()).toEqual([]);
    }),
  );
});
