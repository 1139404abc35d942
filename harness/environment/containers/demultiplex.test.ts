import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Demultiplex } from './demultiplex.ts';

function frame(stream: 1 | 2, bytes: Buffer): Buffer {
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(bytes.length, 4);
  return Buffer.concat([header, bytes]);
}

async function through(chunks: readonly Buffer[]): Promise<Buffer> {
  const demultiplex = new Demultiplex();
  const out: Buffer[] = [];
  demultiplex.on('data', (chunk: Buffer) => out.push(chunk));
  for (const chunk of chunks) demultiplex.write(chunk);
  demultiplex.end();
  await once(demultiplex, 'end');
  return Buffer.concat(out);
}

it('puts the bytes of both streams in the order they came, wherever the chunks are cut', async () => {
  const bytes = [
    Buffer.from('out\n'),
    Buffer.from('err ü\n'),
    Buffer.alloc(0),
    Buffer.from([0, 255, 1, 0, 0, 0, 0, 0, 0, 9]),
    Buffer.alloc(3_000, 7),
  ];
  const wire = Buffer.concat(bytes.map((part, index) => frame(index % 2 === 0 ? 1 : 2, part)));
  for (const size of [1, 3, 7, 8, 9, 4096, wire.length]) {
    const chunks = Array.from({ length: Math.ceil(wire.length / size) }, (_, index) => wire.subarray(index * size, (index + 1) * size));
    expect(await through(chunks)).toEqual(Buffer.concat(bytes));
  }
});

it('leaves out a header that was cut off', async () => {
  expect((await through([frame(1, Buffer.from('whole\n')), Buffer.from([1, 0, 0])])).toString()).toBe('whole\n');
});
