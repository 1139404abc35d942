import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./apt-sources.mjs', import.meta.url));

let etcApt: string;
beforeEach(() => {
  etcApt = mkdtempSync(join(tmpdir(), 'muster-apt-sources-'));
  mkdirSync(join(etcApt, 'sources.list.d'));
});
afterEach(() => rmSync(etcApt, { recursive: true }));

const sources = (...args: readonly string[]): string => execFileSync(process.execPath, [PROGRAM, etcApt, ...args], { encoding: 'utf8' });
const write = (name: string, ...lines: readonly string[]): void => writeFileSync(join(etcApt, name), `${lines.join('\n')}\n`);

it('takes the suites of the release from the one-line form, with their options', () => {
  write(
    'sources.list',
    '# deb http://old.example/debian bookworm main',
    'deb [arch=amd64 signed-by=/keys/a.gpg] http://mirror.example/debian bookworm main contrib # a remark',
    'deb-src http://mirror.example/debian bookworm main',
    'deb http://tools.example/apt tools-bookworm main',
  );

  expect(sources('bookworm')).toBe(
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: bookworm\nComponents: main contrib\nArchitectures: amd64\nSigned-By: /keys/a.gpg\n',
  );
});

it('takes them from the deb822 form, keeps an embedded key, and leaves out what is switched off', () => {
  write(
    'sources.list.d/debian.sources',
    'Types: deb deb-src',
    '# where it comes from',
    'URIs: http://mirror.example/debian',
    'Suites: bookworm bookworm-updates bookworm-backports',
    'Components: main',
    'Signed-By:',
    ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
    ' .',
    ' abc',
    '',
    'Enabled: no',
    'Types: deb',
    'URIs: http://off.example/debian',
    'Suites: bookworm',
  );

  expect(sources('bookworm')).toBe(
    [
      'Types: deb',
      'URIs: http://mirror.example/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main',
      'Signed-By:',
      ' -----BEGIN PGP PUBLIC KEY BLOCK-----',
      ' .',
      ' abc',
      '',
    ].join('\n'),
  );
});

it('names the source packages of a newer release on the mirror of this one, once, and not on the one for security fixes', () => {
  write(
    'sources.list',
    'deb http://mirror.example/debian bookworm main',
    'deb http://security.example/debian-security bookworm-security main',
  );
  write('sources.list.d/again.list', 'deb [arch=amd64] http://mirror.example/debian bookworm main');

  expect(sources('bookworm', 'trixie')).toBe('Types: deb-src\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\n');
});

it('says nothing when no source carries the release', () => {
  write('sources.list', 'deb http://mirror.example/debian sid main');

  expect(sources('bookworm')).toBe('');
});

it('takes the packages of a newer release from the mirror that carries this one', () => {
  write('sources.list', 'deb [arch=amd64] http://mirror.example/debian bookworm main', 'deb http://other.example/apt other main');

  expect(sources('bookworm', 'trixie', 'deb')).toBe(
    'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main\nArchitectures: amd64\n',
  );
});
