import { once } from 'node:events';
import { createServer } from 'node:net';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { holdPort } from '../ports.ts';
import { proofOf } from './address-proof.ts';

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
