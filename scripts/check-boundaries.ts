import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { boundaryViolations, type SourceFile } from './boundaries.ts';

/** Prints every import that the direction of dependencies forbids; exit code 1 when there is one. */
const FOLDERS = ['harness', 'suites', 'reports', 'scripts', 'services', 'targets', 'bench', 'gate'];

function sourceFiles(root: string): SourceFile[] {
  const below = FOLDERS.filter((folder) => existsSync(join(root, folder))).flatMap((folder) =>
    readdirSync(join(root, folder), { withFileTypes: true, recursive: true }).map((entry) => join(entry.parentPath, entry.name)),
  );
  const atRoot = readdirSync(root).map((name) => join(root, name));
  return [...below, ...atRoot]
    .filter((file) => file.endsWith('.ts'))
    .toSorted()
    .map((file) => ({ path: relative(root, file).split(sep).join('/'), text: readFileSync(file, 'utf8') }));
}

const files = sourceFiles(process.cwd());
const violations = boundaryViolations(files);
for (const { path, line, message } of violations) console.error(`${path}:${line} ${message}`);
console.log(`boundaries: ${files.length} files, ${violations.length} forbidden imports`);
if (files.length === 0 || violations.length > 0) process.exitCode = 1;
