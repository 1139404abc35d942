import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { findEngine } from '../harness/environment/containers/engine.ts';
import { type SecondEngine, startSecondEngine } from './second-engine.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const IMAGE = 'muster/node:20';
/** The image, once packed and once unpacked, and a little more. */
const DISK = 'size=640m';
const BLOCK_BYTES = 1024 * 1024;

const run = promisify(execFile);
let disk: string;
let second: SecondEngine;

beforeAll(async () => {
  const { engine } = await findEngine(process.env);
  if (engine === null) throw new Error('no container engine answers; run this where one does');
  disk = await mkdtemp(join(tmpdir(), 'ed-'));
  await run('mount', ['-t', 'tmpfs', '-o', DISK, 'tmpfs', disk]);
  second = await startSecondEngine(engine, [IMAGE], disk);
});
afterAll(async () => {
  try {
    await second[Symbol.asyncDispose]();
  } finally {
    await run('umount', [disk]);
    await rm(disk, { recursive: true });
  }
});

/** Writes until the disk takes no more. */
async function fill(): Promise<void> {
  const blocks = function* (): Generator<Buffer> {
    for (;;) yield Buffer.alloc(BLOCK_BYTES);
  };
  await expect(pipeline(Readable.from(blocks()), createWriteStream(join(disk, 'filling')))).rejects.toMatchObject({ code: 'ENOSPC' });
}

/** Preflight in containers of the second engine, whose network it needs to be in. */
async function preflight(out: string): Promise<{ readonly exitCode: number; readonly stderr: string }> {
  const [file, ...args] = [...second.through, process.execPath, join(ROOT, 'dist/scripts/muster.js'), 'preflight'] as const;
  const flags = ['--target', 'gate/targets/one-container.yaml', '--provider', 'containers', '--out', out, '--no-color'];
  try {
    const { stderr } = await run(file, [...args, ...flags], { cwd: ROOT, env: { ...process.env, DOCKER_HOST: second.engine.address } });
    return { exitCode: 0, stderr };
  } catch (error) {
    const { code, stderr } = error as { readonly code: number; readonly stderr: string };
    return { exitCode: code, stderr };
  }
}

it('a full disk of the engine ends a start with what the engine said and how to free it, and leaves nothing', async () => {
  const out = await mkdtemp(join(tmpdir(), 'ed-out-'));
  try {
    await fill();
    const { exitCode, stderr } = await preflight(out);

    expect(stderr).toMatch(
      /muster: The container engine at unix:\/\/\/\S+\/engine\.sock could not .+: .*no space left on device.*\.\n {2}Free space where the engine keeps its data: .*\n {2}\[MUSTER_ENGINE_DISK\]/u,
    );
    expect(exitCode).toBe(69);
    await rm(join(disk, 'filling'));
    expect(await second.engine.docker.listContainers({ all: true })).toEqual([]);
    expect((await second.engine.docker.listNetworks()).map(({ Name }) => Name).filter((name) => name.startsWith('muster'))).toEqual([]);
  } finally {
    await rm(out, { recursive: true, force: true });
  }
});
