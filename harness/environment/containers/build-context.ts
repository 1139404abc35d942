import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import ignore from '@balena/dockerignore';
import { MusterError } from '../../model/errors.ts';
import type { ImageBuild } from '../../model/target.ts';
import { RUN_MARKER } from '../run-processes.ts';

const IGNORE_FILE = '.dockerignore';

/** What of the build's folder the engine gets to see, relative to it: `.dockerignore` is obeyed, the Dockerfile always goes along. */
export async function contextFiles({ context, dockerfile }: Pick<ImageBuild, 'context' | 'dockerfile'>): Promise<readonly string[]> {
  const path = join(context, IGNORE_FILE);
  const patterns = existsSync(path) ? patternsOf(await readFile(path, 'utf8')) : [];
  const filter = ignore.default({ ignorecase: false }).add([...patterns]);
  const files = await filesBelow(context, (folder) => filter.ignores(folder) && !mayHold(patterns, folder));
  return [...new Set([...files.filter((file) => !filter.ignores(file)), normalize(dockerfile)])].toSorted();
}

function patternsOf(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}

/** Whether an exception (`!…`) could let something inside of an ignored folder through. Wrong only on the safe side. */
export function mayHold(patterns: readonly string[], folder: string): boolean {
  return patterns.some((pattern) => {
    if (!pattern.startsWith('!')) return false;
    const path = pattern
      .slice(1)
      .trim()
      .replace(/^\.?\//, '');
    const literal = /^[^*?[\\]*/.exec(path)?.[0] ?? '';
    const whole = literal === path ? literal : literal.slice(0, literal.lastIndexOf('/') + 1);
    const start = whole.replace(/\/$/, '');
    return start === '' || start === folder || start.startsWith(`${folder}/`) || folder.startsWith(`${start}/`);
  });
}

async function filesBelow(root: string, skip: (folder: string) => boolean): Promise<readonly string[]> {
  const files: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await readdir(join(root, folder), { withFileTypes: true })) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (!entry.isDirectory()) files.push(path);
      else if (!skip(path)) folders.push(path);
    }
  }
  return files;
}

/** The files as a tar archive, made by the system's `tar`: packing thousands of files here would hold up everything else. */
export function packContext(context: string, files: readonly string[], runId: string): Readable {
  const tar = spawn('tar', ['-C', context, '--null', '-T', '-', '-cf', '-'], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', COPYFILE_DISABLE: '1', [RUN_MARKER]: runId },
  });
  const packed = new PassThrough();
  let complaint = '';
  tar.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  // Ends only when all of it is there: half an archive would build half an image.
  tar.stdout.pipe(packed, { end: false });
  tar.once('error', (error) => packed.destroy(packError(context, error.message)));
  tar.once('close', (code) => {
    if (code === 0) packed.end();
    else packed.destroy(packError(context, complaint.trim().replaceAll('\n', '; ')));
  });
  packed.once('close', () => tar.kill());
  tar.stdin.on('error', () => undefined); // its exit says why
  tar.stdin.end(files.map((file) => `./${file}\0`).join(''));
  return packed;
}

function packError(context: string, said: string): MusterError {
  return new MusterError(`The build folder ${context} could not be packed: ${said}.`, {
    code: 'MUSTER_BUILD_CONTEXT',
    blame: 'environment',
    hint: 'Check that its files can be read, or leave them out in .dockerignore.',
  });
}
