import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const OUT = 'dist';
/** Folders whose files other than TypeScript are read at run time. */
const ASSET_FOLDERS = ['harness', 'reports', 'services', 'suites'];

/**
 * What the compiler leaves undone: copies the files that are not TypeScript, and removes what was compiled from a source that
 * is gone. Without the second, a deleted check would go on running.
 * @returns what was copied and removed, relative to `root`.
 */
export function finishBuild(root: string): { readonly copied: readonly string[]; readonly removed: readonly string[] } {
  const copied = ASSET_FOLDERS.flatMap((folder) => filesBelow(join(root, folder)))
    .map((file) => relative(root, file))
    .filter((file) => !file.endsWith('.ts') && !file.split(sep).includes('fixtures'));
  for (const file of copied) {
    mkdirSync(dirname(join(root, OUT, file)), { recursive: true });
    copyFileSync(join(root, file), join(root, OUT, file));
  }
  const removed = filesBelow(join(root, OUT)).filter((file) => !existsSync(sourceOf(root, file)));
  for (const file of removed) rmSync(file);
  return { copied, removed: removed.map((file) => relative(root, file)) };
}

function sourceOf(root: string, output: string): string {
  const source = relative(join(root, OUT), output);
  return join(root, source.replace(/\.(d\.ts|js\.map|js)$/, '.ts'));
}

function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
