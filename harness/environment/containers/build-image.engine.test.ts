import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildImage } from './build-image.ts';
import { requireEngine } from './engine.ts';
import type { Image } from './images.ts';

it('gives each of two runs what it built, although both build under one tag at once', async () => {
  const engine = await requireEngine(process.env);
  const tag = `muster/build-at-once-${randomBytes(4).toString('hex')}:latest`;
  const build = async (whose: string): Promise<Image> => {
    const context = await mkdtemp(join(tmpdir(), 'muster-build-'));
    await writeFile(join(context, 'Dockerfile'), `FROM muster/redis:8\nLABEL whose=${whose}-${tag}\nEXPOSE 1\n`);
    const onProgress = () => undefined;
    const signal = new AbortController().signal;
    try {
      const recipe = { context, dockerfile: 'Dockerfile', stage: null, args: {} };
      return await buildImage(engine, { build: recipe, tag, services: ['web'], runId: whose, secrets: [], signal, onProgress });
    } finally {
      await rm(context, { recursive: true });
    }
  };
  const names = Array.from({ length: 8 }, (_, n) => `run-${String(n)}`);
  const images = await Promise.all(names.map(build));
  try {
    expect(images.map(({ labels }) => labels['whose'])).toEqual(names.map((name) => `${name}-${tag}`));
  } finally {
    for (const { id } of images) await engine.docker.getImage(id).remove({ force: true });
  }
});
