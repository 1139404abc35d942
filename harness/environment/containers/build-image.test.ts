import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { buildImage, type BuildRequest } from './build-image.ts';
import { findRunProcesses } from '../run-processes.ts';
import { engineAt } from './engine.ts';
import type { Image } from './images.ts';

const MINE = 'sha256:1111';
const THEIRS = 'sha256:2222';

/** An engine that builds MINE; by the time it is asked, somebody else's build has the tag. */
const server = createServer((request, response) => {
  if (request.url?.startsWith('/build') === true && stalls) {
    server.emit('stalled');
    return;
  }
  const image = /\/images\/(.+)\/json/.exec(request.url ?? '')?.[1];
  request.resume().once('end', () => {
    if (image === undefined) response.end(`{"stream":"Step 1/1 : FROM scratch\\n"}\n{"aux":{"ID":"${MINE}"}}\n`);
    else response.end(JSON.stringify({ Id: decodeURIComponent(image) === MINE ? MINE : THEIRS, Config: {} }));
  });
});

let folder = '';
let stalls = false;
beforeEach(async () => {
  stalls = false;
  folder = await mkdtemp(join(tmpdir(), 'muster-build-'));
  await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await rm(folder, { recursive: true });
});

function build(signal: AbortSignal): Promise<Image> {
  const address = server.address();
  const engine = engineAt(`http://127.0.0.1:${String(typeof address === 'object' ? address?.port : '')}`);
  const request: BuildRequest = {
    build: { context: folder, dockerfile: 'Dockerfile', stage: null, args: {} },
    tag: 'mine:1',
    services: ['web'],
    runId: basename(folder),
    secrets: [],
    signal,
    onProgress: () => undefined,
  };
  return buildImage(engine, request);
}

it('is judged by what was built, not by what has the tag afterwards', async () => {
  expect(await build(new AbortController().signal)).toMatchObject({ id: MINE, name: 'mine:1' });
});

it('ends the packing of its folder when it is stopped', async () => {
  stalls = true;
  await writeFile(join(folder, 'large'), Buffer.alloc(64 * 1024 * 1024));
  const abort = new AbortController();
  const building = build(abort.signal);
  await once(server, 'stalled');
  const packers = (): number => findRunProcesses({ runId: basename(folder), entries: [] }).length;
  expect(packers()).toBe(1);
  abort.abort(new Error('stopped by the user'));
  await expect(building).rejects.toThrow('stopped by the user');
  await expect.poll(packers).toBe(0);
});
