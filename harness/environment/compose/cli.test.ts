import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findCompose } from './cli.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A PATH on which the programs answer to every call with what is given. */
function path(programs: Readonly<Record<string, string>>): { PATH: string } {
  const folder = mkdtempSync(join(tmpdir(), 'muster-path-'));
  folders.push(folder);
  for (const [name, script] of Object.entries(programs)) writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return { PATH: folder };
}

const NO_PLUGIN = `echo "docker: 'compose' is not a docker command." >&2; exit 1`;

describe('findCompose', () => {
  it.each([
    [{ docker: 'echo 2.26.1-4' }, { version: '2.26.1-4', program: ['docker', 'compose'] }],
    [{ docker: 'echo v2.24.4' }, { version: '2.24.4', program: ['docker', 'compose'] }],
    [
      { docker: NO_PLUGIN, 'docker-compose': 'echo 5.0.1' },
      { version: '5.0.1', program: ['docker-compose'] },
    ],
  ])('finds %j', async (programs, found) => {
    expect(await findCompose(path(programs))).toEqual(found);
  });

  it.each([
    [{}, 'Compose v2 was not found: `docker compose version` found no such program, `docker-compose version` found no such program.'],
    [
      { docker: NO_PLUGIN },
      'Compose v2 was not found: `docker compose version` found no plugin of that name, `docker-compose version` found no such program.',
    ],
    [
      { docker: `echo 'unknown flag: --short' >&2; exit 125` },
      'Compose v2 was not found: `docker compose version` found no plugin of that name, `docker-compose version` found no such program.',
    ],
    [
      { docker: `echo 'the config is broken' >&2; exit 1` },
      'Compose v2 was not found: `docker compose version` said "the config is broken", `docker-compose version` found no such program.',
    ],
    [{ docker: NO_PLUGIN, 'docker-compose': 'echo 1.29.2' }, 'Compose v2 is needed, but `docker-compose` is 1.29.2, which is compose v1.'],
    [{ docker: 'echo 2.24.3' }, 'Compose 2.24.4 or newer is needed, but `docker compose` is 2.24.3.'],
    [{ docker: 'echo 2.9.0' }, 'Compose 2.24.4 or newer is needed, but `docker compose` is 2.9.0.'],
  ])('says what is wrong with %j', async (programs, message) => {
    await expect(findCompose(path(programs))).rejects.toMatchObject({ message, code: 'MUSTER_NO_COMPOSE', exitCode: 69 });
  });
});
