import { describe, expect, it } from 'vitest';
import {
  engineAbsent,
  engineError,
  isGone,
  isPortTaken,
  isUnreachable,
  missedCommand,
  refusalOf,
  refusedCommand,
} from './engine-errors.ts';

const AT = 'unix:///var/run/docker.sock';

/** As dockerode throws it. */
function said(status: number, text: string, kind = 'server error'): Error {
  return Object.assign(new Error(`(HTTP code ${String(status)}) ${kind} - ${text} `), { statusCode: status });
}

describe('engineError', () => {
  it.each([
    [
      'no room for another network',
      said(500, 'could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network'),
      'MUSTER_ENGINE_ADDRESSES',
      `The container engine at ${AT} could not make the network muster-1: could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network.`,
      'Remove networks nobody uses (`docker network prune`), or give the engine more address pools.',
    ],
    [
      'a full disk',
      said(500, 'mkdir /var/lib/docker/overlay2/1f: no space left on device'),
      'MUSTER_ENGINE_DISK',
      `The container engine at ${AT} could not make the network muster-1: mkdir /var/lib/docker/overlay2/1f: no space left on device.`,
      'Free space where the engine keeps its data: `docker system df` says what uses it, `docker system prune` frees it.',
    ],
    [
      'an engine that went away',
      Object.assign(new Error('connect ECONNREFUSED /var/run/docker.sock'), { code: 'ECONNREFUSED' }),
      'MUSTER_ENGINE_LOST',
      `The container engine at ${AT} could not make the network muster-1: connect ECONNREFUSED /var/run/docker.sock.`,
      'See why the engine went away, and start it again.',
    ],
    [
      'anything else',
      said(500, 'something odd.'),
      'MUSTER_ENGINE',
      `The container engine at ${AT} could not make the network muster-1: something odd.`,
      'Read what the engine said; `docker info` shows whether it is well.',
    ],
  ])('says what to do about %s', (_name, error, code, message, hint) => {
    const mapped = engineError(error, 'make the network muster-1', AT);
    expect({ message: mapped.message, code: mapped.code, hint: mapped.hint, exit: mapped.exitCode }).toEqual({
      message,
      code,
      hint,
      exit: 69,
    });
  });

  it('leaves an error alone that already says everything', () => {
    const own = engineAbsent(AT, 'ENOENT');
    expect(engineError(own, 'do anything', AT)).toBe(own);
  });
});

it('names the address of an engine that is not there, and the way around it', () => {
  const error = engineAbsent('unix:///nowhere.sock', 'ENOENT');
  expect(error.message).toBe('No container engine answers at unix:///nowhere.sock (ENOENT).');
  expect(error.hint).toBe('Start the engine, set DOCKER_HOST to where it is, or choose --provider local.');
  expect(error.exitCode).toBe(69);
});

it('takes hostile text out of what an engine says', () => {
  expect(refusalOf(said(500, 'bad \u001B[31mimage\u001B[0m\u202E name')).text).toBe('bad image name');
});

it.each([
  ['exec: "serve-me": executable file not found in $PATH: unknown', 'Its command "serve-me" is not in its image.'],
  [
    'OCI runtime create failed: exec: "/srv/run": stat /srv/run: no such file or directory: unknown',
    'Its command "/srv/run" is not in its image.',
  ],
  ['exec: "/etc/hosts": permission denied: unknown', 'Its command "/etc/hosts" may not be executed in its image (permission denied).'],
  [
    'OCI runtime create failed: applying cgroup configuration: container init was OOM-killed (memory limit too low?)',
    'Its container could not be started: OCI runtime create failed: applying cgroup configuration: container init was OOM-killed (memory limit too low?).',
  ],
  [
    'OCI runtime create failed: chdir to cwd ("/app") set in config.json failed: permission denied: unknown',
    'Its container could not be started: OCI runtime create failed: chdir to cwd ("/app") set in config.json failed: permission denied: unknown.',
  ],
  ['No command specified', 'Its image has no command, and containerCommand gives none.'],
])('blames the target for %s', (text, reason) => {
  expect(refusedCommand(said(400, text))).toBe(reason);
});

it.each([
  'OCI runtime create failed: write: no space left on device',
  'OCI runtime create failed: unable to apply cgroup configuration: mkdir /sys/fs/cgroup/docker: read-only file system: unknown',
  'failed to create shim: OCI runtime create failed: unable to start unit: Message recipient disconnected from dbus: unknown',
  'OCI runtime create failed: fork/exec /proc/self/exe: resource temporarily unavailable: unknown',
  'Bind for 127.0.0.1:80 failed: port is already allocated',
])('does not blame the target for %s', (text) => {
  expect(refusedCommand(said(500, text))).toBeNull();
});

it('tells kinds of refusals apart', () => {
  expect(isGone(said(404, 'No such container: x'))).toBe(true);
  expect(isPortTaken(said(500, 'driver failed: listen tcp4 127.0.0.1:80: bind: address already in use'))).toBe(true);
  expect(isUnreachable(said(500, 'dial tcp: ECONNREFUSED'))).toBe(false);
});

it('reads what the init process says of a command that is not there', () => {
  expect(missedCommand(['[FATAL tini (7)] exec serve-me failed: No such file or directory'])).toBe(
    'Its command "serve-me" is not in its image.',
  );
  expect(missedCommand(['[FATAL tini (7)] exec /etc/hosts failed: Permission denied'])).toBe(
    'Its command "/etc/hosts" may not be executed in its image (permission denied).',
  );
  expect(missedCommand(['exec failed: no'])).toBeNull();
});
