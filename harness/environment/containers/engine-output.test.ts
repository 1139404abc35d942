import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readOutput, Steps } from './engine-output.ts';

it('reads the lines of a build, and why it failed', async () => {
  const seen: string[] = [];
  const stream = Readable.from([
    Buffer.from('{"stream":"Step 1/2 : FROM a\\n"}\n{"stream":"\\n"}\n{"str'),
    Buffer.from('eam":"\\u001b[31mred\\u001b[0m\\r50 %\\r100 %"}\n{"aux":{"ID":"sha256:1"}}\n{"aux":{"ID":"sha256:2"}}\n'),
    Buffer.from('{"error":"it broke\\n","errorDetail":{"code":3}}\nnot json\n'),
  ]);
  expect(await readOutput(stream, (line) => seen.push(line))).toEqual({ lines: seen, image: 'sha256:2', error: 'it broke' });
  expect(seen).toEqual(['Step 1/2 : FROM a', 'red', '50 %', '100 %']);
});

it('keeps only the last of what a talkative build says', async () => {
  const rows = Array.from({ length: 500 }, (_, n) => `{"stream":"line ${String(n)}\\n"}\n`);
  const { lines, image } = await readOutput(Readable.from([Buffer.from(rows.join(''))]), () => undefined);
  expect([lines.length, lines.at(-1), image]).toEqual([200, 'line 499', null]);
});

it('shows the steps of a build that are not taken from the cache', () => {
  const steps = new Steps();
  const lines = [
    'Step 1/4 : FROM a',
    ' ---> 1',
    'Step 2/4 : ENV A=1',
    ' ---> Using cache',
    ' ---> 2',
    'Step 3/4 : COPY a b',
    ' ---> 3',
    'Step 4/4 : RUN c',
  ];
  expect([...lines, ' ---> Running in 4'].flatMap((line) => steps.begun(line) ?? [])).toEqual(['Step 3/4 : COPY a b', 'Step 4/4 : RUN c']);
});
