import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readOutput } from './engine-output.ts';

it('reads the lines of a build, and why it failed', async () => {
  const seen: string[] = [];
  const stream = Readable.from([
    Buffer.from('{"stream":"Step 1/2 : FROM a\\n"}\n{"stream":"\\n"}\n{"str'),
    Buffer.from('eam":"\\u001b[31mred\\u001b[0m\\r50 %\\r100 %"}\n{"aux":{"ID":"sha256:1"}}\n'),
    Buffer.from('{"error":"it broke\\n","errorDetail":{"code":3}}\nnot json\n'),
  ]);
  expect(await readOutput(stream, (line) => seen.push(line))).toEqual({ lines: seen, error: 'it broke' });
  expect(seen).toEqual(['Step 1/2 : FROM a', 'red', '50 %', '100 %']);
});
