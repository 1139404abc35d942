import { once } from 'node:events';
import { createServer } from 'node:net';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { holdPort } from '../ports.ts';
import { forwardsTo, proofOf } from './address-proof.ts';

function info(
  port: number,
  more: { readonly running?: boolean; readonly labels?: Record<string, string> } = {},
): Docker.ContainerInspectInfo {
  return {
    Id: 'abcdef0123456789',
    State: { Running: more.running ?? true, Status: more.running === false ? 'exited' : 'running' },
    Config: { Labels: more.labels ?? { 'muster.run': 'r1' } },
    NetworkSettings: {
      Ports: { '80/tcp': [{ HostIp: '127.0.0.1', HostPort: String(port) }], '81/tcp': null },
      Networks: { n: { IPAddress: '10.9.9.9' } },
    },
  } as unknown as Docker.ContainerInspectInfo;
}

it('takes the engine’s word where no listener can be seen', async () => {
  const held = await holdPort('x', null);
  await held.release();
  expect(await proofOf(info(held.port), held.port)).toEqual({
    ok: true,
    seen: `container abcdef012345 of run r1 runs and publishes 80/tcp as 127.0.0.1:${String(held.port)}`,
  });
  expect(await proofOf(info(1), held.port)).toEqual({
    ok: false,
    seen: `container abcdef012345 of run r1 publishes no port as 127.0.0.1:${String(held.port)}`,
  });
  expect(await proofOf(info(held.port, { running: false }), held.port)).toEqual({
    ok: false,
    seen: 'container abcdef012345 of run r1 does not run (exited)',
  });
  expect((await proofOf(info(held.port, { labels: {} }), held.port)).ok).toBe(false);
});

it('does not when it can be seen that somebody else holds the port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    const claim = `container abcdef012345 of run r1 runs and publishes 80/tcp as 127.0.0.1:${String(port)}`;
    const stranger = { ok: false, seen: `${claim}; yet the port is held by pid ${String(process.pid)}` };
    expect(await proofOf(info(port), port)).toEqual(process.platform === 'linux' ? stranger : { ok: true, seen: claim });
  } finally {
    server.close();
  }
});

it.each([
  [true, ['/usr/bin/docker-proxy', '-host-port', '80', '-container-ip', '10.9.9.9', '-container-port', '80']],
  [false, ['/usr/bin/docker-proxy', '-host-port', '80', '-container-ip', '10.9.9.8', '-container-port', '80']],
  // Without root, and where the engine is in a machine of its own.
  [true, ['rootlesskit', '--state-dir=/run/user/1000/dockerd-rootless']],
  [true, ['containers-rootlessport']],
  [true, ['/opt/docker-desktop/bin/com.docker.backend', 'run']],
  [false, ['node', '/srv/rootlesskit/main.js']],
  [true, null],
])('says %s of a port that is held by %j', (expected, command) => {
  expect(forwardsTo(command, ['10.9.9.9'])).toBe(expected);
});
