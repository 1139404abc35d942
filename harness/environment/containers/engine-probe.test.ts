import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { monotonicMs } from '../../model/clock.ts';
import { whyAbsent } from './engine-probe.ts';

let folder: string;
const servers: Server[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'probe-test-'));
});
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function listening(server: Server, where: string | number): Promise<Server> {
  servers.push(server);
  if (typeof where === 'string') server.listen(where);
  else server.listen(where, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('whyAbsent', () => {
  it('is silent about an engine that gives any answer', async () => {
    const path = join(folder, 'engine.sock');
    await listening(
      createServer((_request, response) => response.writeHead(503).end()),
      path,
    );
    expect(await whyAbsent(`unix://${path}`)).toBeNull();
    const { port } = (
      await listening(
        createServer((_request, response) => response.end('OK')),
        0,
      )
    ).address() as AddressInfo;
    expect(await whyAbsent(`tcp://127.0.0.1:${String(port)}`)).toBeNull();
  });

  it('costs nothing when the engine is gone', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const startedMs = monotonicMs();
    expect(await whyAbsent(`unix://${join(folder, 'none.sock')}`)).toBe('ENOENT');
    expect(await whyAbsent(`unix://${file}`)).toBe('ECONNREFUSED');
    expect(await whyAbsent('tcp://127.0.0.1:1')).toBe('ECONNREFUSED');
    expect(monotonicMs() - startedMs).toBeLessThan(300);
  });

  it('waits two seconds for one that takes the connection and is silent', async () => {
    const path = join(folder, 'silent.sock');
    const held: { destroy: () => unknown }[] = [];
    await listening(
      createTcpServer((socket) => void held.push(socket)),
      path,
    );
    expect(await whyAbsent(`unix://${path}`)).toBe('no answer within 2000 ms');
    for (const socket of held) socket.destroy();
  });

  it.each(['', 'nonsense', 'npipe:engine'])('knows that %j is no address', async (address) => {
    expect(await whyAbsent(address)).toBe('this is no address of an engine');
  });
});
