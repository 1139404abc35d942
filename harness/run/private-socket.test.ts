import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { listenPrivately } from './private-socket.ts';

it('is not open to others for a moment, whatever the umask', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'muster-socket-'));
  const path = join(folder, 's');
  const usual = process.umask(0);
  try {
    const pending = listenPrivately(path, (socket) => socket.destroy());
    const openAtOnce = statSync(path).mode & 0o077;
    const server = await pending;
    expect([openAtOnce, statSync(path).mode & 0o777, process.umask()]).toEqual([0, 0o600, 0]);
    server.close();
    await once(server, 'close');
  } finally {
    process.umask(usual);
    await rm(folder, { recursive: true });
  }
});
