import { once } from 'node:events';
import { createServer } from 'node:http';
import { expect, it } from 'vitest';
import { suitsContainers } from '../containers.ts';
import { http, target } from '../fixtures/target.ts';
import { engineAddress, isHere } from './engine-address.ts';
import { requireEngine } from './engine.ts';

it('is what DOCKER_HOST names, else a socket of the usual places', () => {
  expect(engineAddress({ DOCKER_HOST: 'tcp://127.0.0.1:2375' })).toBe('tcp://127.0.0.1:2375');
  expect(engineAddress({ DOCKER_HOST: '' })).toMatch(/^unix:\/\/\//);
});

it.each([
  ['unix:///var/run/docker.sock', true],
  ['tcp://localhost:2375', true],
  ['http://127.0.0.1:2375', true],
  ['tcp://[::1]:2375', true],
  ['tcp://builder:2375', false],
  ['tcp://10.0.0.7:2376', false],
  ['nonsense', false],
])('%s is an engine of this host: %s', (address, here) => {
  expect(isHere(address)).toBe(here);
});

it('of another host is refused at once, instead of blaming services that nobody can reach', async () => {
  const env = { DOCKER_HOST: 'tcp://builder.invalid:2375' };
  await expect(requireEngine(env)).rejects.toMatchObject({
    code: 'MUSTER_ENGINE_ELSEWHERE',
    exitCode: 64,
    message: 'The container engine at tcp://builder.invalid:2375 is on another host: what it publishes on loopback cannot be reached here.',
  });
  expect(await suitsContainers({ target: target(http('web', '', { image: 'web:1' })), env })).toEqual({
    suits: false,
    reason: 'the engine at tcp://builder.invalid:2375 is on another host',
  });
});

it('that is not well does not suit', async () => {
  const server = createServer(({ url }, response) => {
    response.statusCode = url === '/_ping' ? 200 : 500;
    response.end(JSON.stringify({ message: 'layer does not exist' }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const at = server.address();
  const address = `http://127.0.0.1:${String(typeof at === 'object' ? at?.port : '')}`;
  try {
    const { suits, reason } = await suitsContainers({
      target: target(http('web', '', { image: 'web:1' })),
      env: { DOCKER_HOST: address },
    });
    expect([suits, reason]).toEqual([false, `The container engine at ${address} could not look for the image web:1: layer does not exist`]);
  } finally {
    server.close();
  }
});
