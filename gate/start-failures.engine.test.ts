import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { directoriesIn, processesOf, untilNothing } from './remains.ts';
import { idsIn, type MusterRun, runMuster } from './run-muster.ts';

const CLEAN_WITHIN_MS = 5_000;
const MIB_OF_LIMIT = 64;
const SERVE = "require('node:http').createServer((q, r) => r.end('well')).listen(3000, '0.0.0.0')";
const EAT = 'const all = []; for (;;) all.push(Buffer.alloc(8 << 20, 1))';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A folder with these files; the run has its temporary files in a folder of its own beside them. */
async function folderWith(files: Readonly<Record<string, string>>): Promise<{ readonly folder: string; readonly tmp: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'sf-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const tmp = await mkdtemp(join(folder, 't-'));
  for (const path of [folder, tmp]) await chmod(path, 0o711);
  return { folder, tmp };
}

interface Case {
  readonly provider: 'containers' | 'compose';
  /** Fields of the service `web` in the target file. */
  readonly web: string;
  /** What its answer has to hold, after a comma. */
  readonly expect?: string;
  /** Fields of the service `web` in the compose file. */
  readonly compose?: string;
  /** A further service of the compose file, which is none of the target's. */
  readonly other?: string;
  /** How long it is waited for. */
  readonly within?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Preflight of one service that does not start; afterwards nothing is left of it. */
async function failedStart({
  provider,
  web,
  expect: expected = '',
  compose = '',
  other = '',
  within = '4s',
  files = {},
  env = {},
}: Case): Promise<MusterRun> {
  const { folder, tmp } = await folderWith({
    'target.yaml': `name: fails\nservices:\n  web: { kind: http, ready: { path: /, within: ${within}${expected} }, ${web} }\ncompose: { file: compose.yml }\n`,
    'compose.yml': `services:\n  web: { ${compose} }\n${other}`,
    ...files,
  });
  const args = ['validate', '--target', join(folder, 'target.yaml'), '--provider', provider, '--profile', 'quick', '--suite', 'preflight'];
  const run = await runMuster(args, { TMPDIR: tmp, ...env });
  expect(await untilNothing(() => directoriesIn(tmp), CLEAN_WITHIN_MS)).toEqual([]);
  expect(await untilNothing(() => processesOf(tmp), CLEAN_WITHIN_MS)).toEqual([]);
  return run;
}

/** An error of ours: what is printed, with its code, and a record that is not green. */
function errorOf({ exitCode, stderr, record }: MusterRun): { readonly exitCode: number | null; readonly said: string } {
  expect(record).toMatchObject({ verdict: 'NOT_ASSESSED', exitCode, run: { complete: false } });
  expect(idsIn(record, 'MET')).toEqual([]);
  return { exitCode, said: stderr.slice(stderr.indexOf('muster: ')).trimEnd() };
}

/** A finding about the target: why the service is not ready, as the record has it. */
function findingOf({ exitCode, stderr, record }: MusterRun): { readonly exitCode: number | null; readonly finding: string } {
  expect(idsIn(record, 'VIOLATED'), stderr).toContain('preflight.services.ready');
  return { exitCode, finding: stderr.split('\n').find((line) => line.includes('web did not become ready')) ?? stderr };
}

const IMAGE = `image: 'muster/node:20', containerPort: 3000`;

describe.each(['containers', 'compose'] as const)('with the provider %s', (provider) => {
  it('an engine that is not there', async () => {
    const env = { DOCKER_HOST: 'unix:///nowhere.sock' };
    const run = await failedStart({ provider, web: IMAGE, compose: `image: 'muster/node:20', expose: ['3000']`, env });

    expect(errorOf(run)).toEqual({
      exitCode: 69,
      said: [
        'muster: No container engine answers at unix:///nowhere.sock (ENOENT).',
        '  Start the engine, set DOCKER_HOST to where it is, or choose --provider local.',
        '  [MUSTER_ENGINE_ABSENT]',
      ].join('\n'),
    });
  });

  it('an image that is nowhere', async () => {
    const web = `image: 'muster/no-such-image:1', containerPort: 3000`;
    const { exitCode, said } = errorOf(await failedStart({ provider, web, compose: `image: 'muster/no-such-image:1', expose: ['3000']` }));

    expect(exitCode).toBe(69);
    expect(said).toMatch(
      /^muster: (?:"web" cannot be started|Compose cannot start "web"): image muster\/no-such-image:1 is not on this host and cannot be pulled \(.+\)\.\n {2}.+\n {2}\[MUSTER_IMAGE_MISSING\]$/u,
    );
  });

  it('a build that fails', async () => {
    const files = { Dockerfile: `FROM muster/node:20\nRUN ["node", "-e", "console.log('no such package'); process.exit(4)"]\n` };
    const web = `build: { context: . }, containerPort: 3000`;
    const { exitCode, said } = errorOf(await failedStart({ provider, web, compose: `build: { context: . }, expose: ['3000']`, files }));

    expect(exitCode).toBe(69);
    expect(said).toMatch(
      /^muster: (?:The image of "web" could not be built from \/.*\/Dockerfile|Compose could not build the images of "web"): .*\b4\.\n(?: {2}\| .*\n)* {2}\| .*no such package.*\n(?: {2}\| .*\n)* {2}.+\n {2}\[MUSTER_IMAGE_BUILD\]$/u,
    );
  });

  it('a port that is taken', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const { port } = holder.address() as AddressInfo;
    try {
      const run = await failedStart({ provider, web: `${IMAGE}, port: ${port}`, compose: `image: 'muster/node:20', expose: ['3000']` });
      const { exitCode, said } = errorOf(run);

      expect(exitCode).toBe(69);
      expect(said).toMatch(
        new RegExp(
          `^muster: Cannot start "web": port ${port} on 127\\.0\\.0\\.1 is already in use by .+ \\(pid ${process.pid}\\)\\.\n  .+\n  \\[MUSTER_PORT_IN_USE\\]$`,
          'u',
        ),
      );
    } finally {
      holder.close();
    }
  });

  it('a service that never gets ready', async () => {
    const run = await failedStart({
      provider,
      web: `${IMAGE}, containerCommand: [node, -e, "${SERVE}"]`,
      expect: ', expect: { status: healthy }',
      compose: `image: 'muster/node:20', expose: ['3000'], command: [node, -e, "${SERVE}"]`,
    });

    const { exitCode, finding } = findingOf(run);
    expect(exitCode).toBe(30);
    expect(finding).toMatch(/It was not ready within 4000 ms: tried \d+ times in \d+ ms, last seen: GET \/ answered 200 well/u);
  });

  it('a service that is killed for lack of memory', async () => {
    const web = `${IMAGE}, containerCommand: [node, -e, "${EAT}"], resources: { memory: ${MIB_OF_LIMIT}mb }`;
    const run = await failedStart({ provider, web, compose: `image: 'muster/node:20', expose: ['3000'], command: [node, -e, "${EAT}"]` });

    const { exitCode, finding } = findingOf(run);
    expect(exitCode).toBe(30);
    expect(finding).toMatch(/It was killed for lack of memory \(limit 64 MiB\) before it was ready/u);
  });
});

it('with the provider compose a health check that never gets green, although the service answers', async () => {
  const check = `{ test: [CMD, node, -e, "console.log('still cold'); process.exit(1)"], interval: 300ms, timeout: 5s, retries: 1 }`;
  const compose = `image: 'muster/node:20', expose: ['3000'], command: [node, -e, "${SERVE}"], healthcheck: ${check}`;
  // Only a health that somebody waits for has to be green.
  const other = `  late: { image: 'muster/node:20', command: [node], depends_on: { web: { condition: service_healthy } } }\n`;
  const web = 'containerPort: 3000';
  const { exitCode, finding } = findingOf(await failedStart({ provider: 'compose', web, compose, other, within: '8s' }));

  expect(exitCode).toBe(30);
  expect(finding).toMatch(/It was not ready within 8000 ms: .*its healthcheck is unhealthy/u);
});
