import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { StartRefused } from '../containers/container-plan.ts';
import { PortInUseError, type StartFailure } from '../errors.ts';
import { readConfig } from './config.ts';
import { Launcher, type LauncherOptions } from './launcher.ts';
import type { ServiceState } from './project-events.ts';

const config = readConfig(
  JSON.stringify({
    services: {
      db: { image: 'x' },
      web: { image: 'x', depends_on: { db: { condition: 'service_healthy' } } },
      alone: { image: 'x' },
    },
  }),
);
const created: ServiceState = { container: 'c', started: false, running: false, exitCode: null, health: null };
const FAILURE: StartFailure = { reason: 'It failed.', attempts: 1, lastSeen: null, waitedMs: 1, exit: null, logTail: ['its own line'] };

/** A launcher over containers that already are what they will become. */
function launcher(states: Readonly<Record<string, ServiceState>>, more: Partial<LauncherOptions> = {}): Launcher {
  const all = new Map(Object.entries(states));
  return new Launcher({
    config,
    address: 'unix:///engine.sock',
    events: {
      states: all,
      refresh: () => Promise.resolve(),
      until: (name, _isSo, ended) => (all.get(name)?.started === true ? Promise.resolve() : rejectedBy(ended)),
    },
    startAll: () => Promise.resolve('dependency failed to start: container muster-r-db-1 is unhealthy'),
    names: new Map([['db', 'postgres']]),
    ports: new Map([[23456, 'web']]),
    withinMs: () => 1_000,
    failures: new Map(),
    evidence: () => Promise.resolve({ lastCheck: 'its last check exited with 2: no response', logTail: ['starting up'] }),
    ...more,
  });
}

async function rejectedBy(ended: AbortSignal): Promise<never> {
  await once(ended, 'abort');
  throw ended.reason;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

const signal = new AbortController().signal;

describe('Launcher', () => {
  it('says which service held another up, with what the engine and compose know of it', async () => {
    const sick = { ...created, started: true, running: true, health: 'unhealthy' };
    const refusal: unknown = await launcher({ db: sick, web: created })
      .started('web', signal)
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(StartRefused);
    expect(refusal).toMatchObject({
      message:
        'It was not started, because it depends on "db", which has a healthcheck that fails (its last check exited with 2: no response). Compose said: dependency failed to start: container muster-r-db-1 is unhealthy.',
      logTail: ['starting up'],
    });
  });

  it('points to a service of the target that failed by itself', async () => {
    const gone = { ...created, started: true, exitCode: 137 };
    const startAll = () => Promise.resolve('Error: No such container: c1');
    await expect(
      launcher({ db: gone, web: created }, { failures: new Map([['postgres', FAILURE]]), startAll }).started('web', signal),
    ).rejects.toMatchObject({
      message: 'It was not started, because it depends on "db", which did not get ready.',
      logTail: ['its own line'],
    });
  });

  it('passes on why the container itself could not be started', async () => {
    const startAll = () => Promise.resolve('OCI runtime create failed: exec: "nope": executable file not found in $PATH: unknown');
    await expect(launcher({ alone: created }, { startAll }).started('alone', signal)).rejects.toThrow(
      'Its command "nope" is not in its image.',
    );
  });

  it('does not blame the target for trouble of the engine', async () => {
    const startAll = () => Promise.resolve('OCI runtime create failed: mkdir /sys/fs/cgroup/x: no space left on device');
    await expect(launcher({ alone: created }, { startAll }).started('alone', signal)).rejects.toMatchObject({
      code: 'MUSTER_ENGINE_DISK',
      exitCode: 69,
    });
  });

  it('tries again while a port is taken, then names it', async () => {
    let calls = 0;
    const startAll = () => {
      calls += 1;
      return Promise.resolve('Bind for 127.0.0.1:23456 failed: port is already allocated');
    };
    const failure: unknown = await launcher({ web: created }, { startAll })
      .started('web', signal)
      .catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(PortInUseError);
    expect(failure).toMatchObject({ message: 'Cannot start "web": port 23456 on 127.0.0.1 is already in use by another process.' });
    expect(calls).toBe(3);
  });

  it('resolves for a container that was started although others were not', async () => {
    await expect(launcher({ alone: { ...created, started: true, running: true } }).started('alone', signal)).resolves.toBeUndefined();
  });

  it('rejects with the reason of an abort', async () => {
    const abort = new AbortController();
    const waiting = launcher({ web: created }, { startAll: never }).started('web', abort.signal);
    abort.abort(new Error('stopped by the user'));
    await expect(waiting).rejects.toThrow('stopped by the user');
  });
});
