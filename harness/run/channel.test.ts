import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { MusterError } from '../model/errors.ts';
import { openChannel } from './channel.ts';

interface Greeter {
  greet(name: string): Promise<string>;
  never(): Promise<void>;
}

const folders: string[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function pair(): Promise<{ readonly near: Socket; readonly far: Socket }> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-channel-'));
  folders.push(folder);
  const server = createServer();
  server.listen(join(folder, 's'));
  await once(server, 'listening');
  const near = connect(join(folder, 's'));
  const [far] = (await once(server, 'connection')) as [Socket];
  server.close();
  sockets.push(near, far);
  return { near, far };
}

const greeter: Greeter = {
  greet: async (name) => {
    if (name === '') throw new Error('nobody to greet');
    if (name === 'mallory') throw new MusterError('Not her.', { code: 'MUSTER_GREETING', blame: 'config', hint: 'Greet somebody else.' });
    return `hello ${name}`;
  },
  never: () => new Promise(() => {}),
};

describe('openChannel', () => {
  it('carries calls and answers, also when they span many packets', async () => {
    const { near, far } = await pair();
    openChannel<object, Greeter>(far, greeter);
    const { remote } = openChannel<Greeter, object>(near, {});
    const long = 'x'.repeat(300_000);
    expect(await Promise.all([remote.greet('a'), remote.greet(long), remote.greet('line\nbreak')])).toEqual([
      'hello a',
      `hello ${long}`,
      'hello line\nbreak',
    ]);
  });

  it('passes an exception on to the caller', async () => {
    const { near, far } = await pair();
    openChannel<object, Greeter>(far, greeter);
    const { remote } = openChannel<Greeter, object>(near, {});
    await expect(remote.greet('')).rejects.toThrow('nobody to greet');
    await expect(remote.greet('mallory')).rejects.toMatchObject({ code: 'MUSTER_GREETING', hint: 'Greet somebody else.', exitCode: 64 });
  });

  it('rejects pending calls when the other process dies', async () => {
    const { near, far } = await pair();
    openChannel<object, Greeter>(far, greeter);
    const { remote } = openChannel<Greeter, object>(near, {});
    const pending = remote.never();
    far.destroy();
    await expect(pending).rejects.toMatchObject({ code: 'MUSTER_CHANNEL_CLOSED' });
  });
});
