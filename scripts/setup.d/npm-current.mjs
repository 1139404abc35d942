/**
 * Exit code 0 when `node_modules` holds exactly what the lockfile asks for on this platform, else 1 and the reason.
 * Plain JavaScript: it runs before anything is installed. Usage: `node npm-current.mjs <package root>`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const [root = '.'] = process.argv.slice(2);

const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'));
const libc = process.platform !== 'linux' ? undefined : process.report.getReport().header.glibcVersionRuntime ? 'glibc' : 'musl';
const allows = (list, value) => list === undefined || value === undefined || list.includes(value);
const fitsHere = (entry) => allows(entry.os, process.platform) && allows(entry.cpu, process.arch) && allows(entry.libc, libc);
/** npm leaves out what only serves packages of other platforms; such an entry names no platform itself. */
const mayBeAbsent = (entry) => (entry.optional === true || entry.devOptional === true) && entry.os === undefined && entry.cpu === undefined;

/** What differs, or undefined. */
function difference() {
  if (!existsSync(join(root, 'node_modules/.package-lock.json'))) return 'nothing is installed yet';
  const wanted = readJson('package-lock.json').packages;
  const installed = readJson('node_modules/.package-lock.json').packages;
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '' || !fitsHere(entry)) continue;
    if (installed[path] === undefined && mayBeAbsent(entry)) continue;
    if (installed[path] === undefined) return `${path} is missing`;
    if (installed[path].integrity !== entry.integrity) return `${path} is not the locked one`;
    if (!existsSync(join(root, path, 'package.json'))) return `${path} was removed`;
    const { version } = readJson(join(path, 'package.json'));
    if (version !== entry.version) return `${path} is ${version}, locked is ${entry.version}`;
  }
  const extra = Object.keys(installed).find((path) => wanted[path] === undefined);
  return extra === undefined ? undefined : `${extra} is not in the lockfile`;
}

const reason = difference();
if (reason !== undefined) {
  process.stdout.write(`${reason}\n`);
  process.exitCode = 1;
}
