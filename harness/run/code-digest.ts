import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, extname, join, resolve, sep } from 'node:path';
import type { Choice } from '../environment/index.ts';
import type { HttpService, TargetService } from '../model/target.ts';

/** What programs are made of. Other files may be written by the services themselves. */
const CODE = new Set(
  'cjs class cts dll ex exs go jar java js jsx kt mjs mts php py rb rs scala so sql ts tsx wasm'.split(' ').map((ending) => `.${ending}`),
);
/** Installed, not written: too much to be read. */
const INSTALLED = new Set(['node_modules', 'site-packages', 'venv', 'vendor']);
/** A folder with more code than this is not read. */
const MOST_FILES = 5_000;

/**
 * sha256 of the code around the program of each service, by which a stack that stands can be told from what its code has become since.
 * Nothing for a service whose code is not known: with the other providers it is in an image, and a folder may hold too much to be read.
 */
export async function codeDigests(
  { name: provider }: Pick<Choice, 'name'>,
  services: readonly TargetService[],
): Promise<Readonly<Record<string, string>>> {
  const own = provider === 'local' ? services.filter((service) => service.kind === 'http') : [];
  const known = new Map<string, Promise<string | null>>();
  const digestOnce = (folder: string): Promise<string | null> => {
    const digest = known.get(folder) ?? digestOfFolder(folder);
    known.set(folder, digest);
    return digest;
  };
  const digests = await Promise.all(own.map(async (service) => [service.name, await digestOnce(await codeFolder(service))] as const));
  return Object.fromEntries(digests.flatMap(([name, digest]) => (digest === null ? [] : [[name, digest] as const])));
}

/**
 * The folder beside the one of the first file or folder that the command names, since programs share code with their neighbours; the
 * working directory where that would lead out of it, or nothing is named.
 */
async function codeFolder({ command, cwd }: Pick<HttpService, 'command' | 'cwd'>): Promise<string> {
  for (const word of command) {
    const path = resolve(cwd, word);
    const kind = path.startsWith(`${cwd}${sep}`) ? await kindOf(path) : null;
    if (kind === null) continue;
    const folder = kind === 'file' ? dirname(path) : path;
    const around = dirname(folder);
    return around.startsWith(`${cwd}${sep}`) ? around : folder;
  }
  return cwd;
}

async function kindOf(path: string): Promise<'file' | 'folder' | null> {
  const stats = await unlessGone(stat(path), null);
  if (stats === null) return null;
  return stats.isDirectory() ? 'folder' : 'file';
}

async function digestOfFolder(folder: string): Promise<string | null> {
  const files = await codeBelow(folder);
  if (files === null || files.length === 0) return null;
  const hash = createHash('sha256');
  for (const file of files.toSorted()) hash.update(`${file.slice(folder.length)}\0`).update(await digestOfFile(file));
  return hash.digest('hex');
}

async function digestOfFile(path: string): Promise<Buffer> {
  return createHash('sha256')
    .update(await unlessGone(readFile(path), Buffer.alloc(0)))
    .digest();
}

/** Absolute paths; null when there are too many. */
async function codeBelow(root: string): Promise<readonly string[] | null> {
  const files: string[] = [];
  const folders = [root];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await unlessGone(readdir(folder, { withFileTypes: true }), [])) {
      const path = join(folder, entry.name);
      if (entry.isFile() && CODE.has(extname(entry.name))) files.push(path);
      if (entry.isDirectory() && !entry.name.startsWith('.') && !INSTALLED.has(entry.name)) folders.push(path);
    }
    if (files.length > MOST_FILES) return null;
  }
  return files;
}

/** What went meanwhile, or is another user's, is not there. */
async function unlessGone<T>(work: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return otherwise;
    throw error;
  }
}
