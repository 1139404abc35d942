import { Readable } from 'node:stream';
import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { outputInside } from './exec.ts';

/** A container whose programs print `said` and then end, or hang. */
function container(said: string, { ends, code }: { readonly ends: boolean; readonly code: number }): Docker.Container {
  const start = (): Readable => {
    const stream = new Readable({ read: () => undefined });
    const header = Buffer.alloc(8);
    header.writeUInt8(1, 0);
    header.writeUInt32BE(said.length, 4);
    stream.push(Buffer.concat([header, Buffer.from(said)]));
    if (ends) stream.push(null);
    return stream;
  };
  const exec = { start: () => Promise.resolve(start()), inspect: () => Promise.resolve({ ExitCode: code }) };
  return { exec: () => Promise.resolve(exec) } as unknown as Docker.Container;
}

it('gives what a program printed, and nothing of one that failed', async () => {
  expect(await outputInside(container('17', { ends: true, code: 0 }), ['psql'])).toBe('17');
  expect(await outputInside(container('17', { ends: true, code: 2 }), ['psql'])).toBeNull();
});

it('does not wait for a program that hangs', async () => {
  expect(await outputInside(container('17', { ends: false, code: 0 }), ['psql'], {}, 50)).toBeNull();
});
