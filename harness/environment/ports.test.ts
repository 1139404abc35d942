import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { PortInUseError } from './errors.ts';
import { holdPort, isFree } from './ports.ts';
import { knock, listeningInodes, listeningPids } from './sockets.ts';

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

describe('holdPort', () => {
  it('occupies a free port until it is released', async () => {
    const held = await holdPort('web', null);
    expect(await isFree(held.port)).toBe(false);
    await held.release();
    await held.release();
    expect(await isFree(held.port)).toBe(true);
    expect(await knock(held.port, 1_000)).toBe('ECONNREFUSED');
  });

  it('never hands out a port twice', async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => holdPort('web', null)));
    expect(new Set(all.map(({ port }) => port)).size).toBe(20);
    await Promise.all(all.map((held) => held.release()));
  });

  it('says that no port is left, where it looked and what the last one answered', async () => {
    const only = await holdPort('web', null);
    const range = { first: only.port, last: only.port };
    await expect(holdPort('gateway', null, range)).rejects.toMatchObject({
      message: `No free port on 127.0.0.1 for "gateway": tried 200 ports between ${String(only.port)} and ${String(only.port)}, the last one answered EADDRINUSE.`,
      code: 'MUSTER_NO_PORT',
      exitCode: 69,
      hint: 'End processes that listen on 127.0.0.1, or fix the port of each service in the target file.',
    });
    await only.release();
    await (await holdPort('gateway', null, range)).release();
  });

  it.runIf(process.platform === 'linux')('names the process that holds a fixed port', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    expect(await listeningPids(port)).toEqual([process.pid]);
    const error: unknown = await holdPort('gateway', port).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PortInUseError);
    expect(error).toMatchObject({
      blame: 'environment',
      message: matching(
        new RegExp(
          `^Cannot start "gateway": port ${String(port)} on 127.0.0.1 is already in use by .+ \\(pid ${String(process.pid)}\\)\\.$`,
        ),
      ),
    });
    server.close();
  });
});

describe('listeningInodes', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 0100007F:1538 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1234 1 0 100 0 0 10 0',
    '   1: 0100007F:1538 0100007F:A0B0 01 00000000:00000000 00:00000000 00000000     0        0 5678 1 0 20 4 30 10 -1',
    '   2: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 9999 1 0 100 0 0 10 0',
  ].join('\n');

  it('takes listening sockets of the port only', () => {
    expect(listeningInodes(table, 5432)).toEqual(['1234']);
    expect(listeningInodes(table, 80)).toEqual(['9999']);
    expect(listeningInodes(table, 81)).toEqual([]);
  });
});
