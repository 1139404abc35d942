import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigFolder, createConfigFolder, MINIMAL } from './testing/config-folder.ts';

let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('mistakes', () => {
  it("are the user's: exit code 64", async () => {
    const error = await folder.failure({ 't.yaml': 'name: x\n' }, { targetFile: 't.yaml' });
    expect([error.code, error.blame, error.exitCode]).toEqual(['MUSTER_INVALID_CONFIG', 'config', 64]);
    expect(error.hint).toBe('Correct it and run the command again.');
  });

  it('all come at once, each with place, value, what is allowed and what was meant', async () => {
    const text = await folder.mistakes(
      {
        'muster.config.yaml': `target: t.yaml\nprovder: local\nsuites: [preflite]\nprofile: quik\n`,
        't.yaml': `name: x\nservices:\n  api: { kind: http, comand: run, command: run, port: 70000, ready: { within: 30 } }\n`,
      },
      { env: { MUSTER_SEED: 'abc' }, flags: { provider: 'docker', deadlineMs: 0 } },
    );
    expect(text.split('\n')).toEqual([
      'The configuration has 9 mistakes:',
      '  muster.config.yaml:4 profile: "quik" is not allowed here - did you mean "quick"? (allowed: quick, full, soak)',
      '  muster.config.yaml:2 provder: is an unknown key - did you mean "provider"? (allowed: allow, criteria, deadline, load, only, out, profile, profiles, provider, seed, skip, suites, target, workload)',
      '  muster.config.yaml:3 suites.0: "preflite" names no suite - did you mean "preflight"? (allowed: preflight, benchmark, recovery)',
      '  t.yaml:3 services.api.port: 70000 is too big (allowed: at most 65535)',
      '  t.yaml:3 services.api.ready.within: 30 has the wrong type (allowed: text; in YAML put it in quotes)',
      '  t.yaml:3 services.api.comand: is an unknown key - did you mean "command"? (allowed: build, command, compose, containerCommand, containerPort, critical, cwd, dependsOn, env, health, image, kind, port, ready, resources, tls, url)',
      '  MUSTER_SEED: "abc" has the wrong type (allowed: a number)',
      '  --provider: "docker" is not allowed here (allowed: auto, local, containers, compose, external)',
      '  --deadline: "0ms" must be longer than 0 (allowed: a duration with its unit, such as 250ms, 30s, 5m, 1h)',
    ]);
  });

  it.each([
    [
      'an unknown dependency',
      '  a: { kind: redis, dependsOn: [b] }\n  bb: { kind: redis }',
      'services.a.dependsOn.0: "b" names no service of this target - did you mean "bb"?',
    ],
    [
      'a circle',
      '  a: { kind: redis, dependsOn: [b] }\n  b: { kind: redis, dependsOn: [a] }',
      'services.a.dependsOn: forms a circle: a -> b -> a',
    ],
    [
      'a port twice',
      '  a: { kind: http, command: x, port: 80 }\n  b: { kind: http, command: x, port: 80 }',
      'services.b.port: 80 is already the port of a',
    ],
    [
      'an unknown placeholder',
      '  a: { kind: http, command: "x ${hots}" }',
      'uses ${hots}, which is nothing known at start - did you mean "host"?',
    ],
    [
      'an unset variable',
      '  a: { kind: http, command: "x ${env.NOPE}" }',
      'needs the environment variable NOPE, which is not set (allowed: set NOPE, or give a default: ${env.NOPE:-value})',
    ],
    [
      'an unknown kind',
      '  a: { kind: htp }',
      'services.a.kind: "htp" is not allowed here - did you mean "http"? (allowed: postgres, redis, http)',
    ],
    ['an invalid name', '  "a b": { kind: redis }', 'services.a b: "a b" is no valid name'],
    ['a size without a unit', '  a: { kind: redis, maxmemory: "10" }', 'services.a.maxmemory: "10" has no unit (b, kb, mb, gb)'],
    ['an unfinished quote', `  a: { kind: http, command: 'node "x' }`, 'has an unfinished quote or escape'],
  ])('in services: %s', async (_, services, expected) => {
    expect(await folder.mistakes({ 't.yaml': `name: x\nservices:\n${services}\n` }, { targetFile: 't.yaml' })).toContain(expected);
  });

  it.each([
    ['an unknown binding', '{ event: {} }', 'bindings.event: is an unknown key - did you mean "events"?'],
    [
      'an unknown service',
      '{ meter: { http: GET /x, service: apo, tokens: t } }',
      'bindings.meter.service: "apo" names no http service of this target - did you mean "api"?',
    ],
    [
      'an unknown service of one request among several',
      '{ tenants: { create: { http: POST /x, id: id }, read: [GET /x, { http: GET /y, service: apo }], lists: [GET /x] } }',
      'bindings.tenants.read.1.service: "apo" names no http service of this target - did you mean "api"?',
    ],
    [
      'a pattern of everybody’s kept answers',
      '{ cache: { read: { http: GET /x, hit: a }, ttl: 1s, keys: "cache:*" } }',
      'bindings.cache.keys: "cache:*" is a pattern of the keys of all workspaces (allowed: a pattern with ${workspace} in it)',
    ],
    [
      'an invalid expression',
      '{ meter: { http: GET /x, tokens: "a = 1" } }',
      'bindings.meter.tokens: "a = 1" has the unknown operator `=`',
    ],
    [
      'an unknown variable',
      '{ meter: { http: "GET /x/${ids}", tokens: t } }',
      'bindings.meter.http: "GET /x/${ids}" uses ${ids}, which `meter` is not given - did you mean "id"?',
    ],
    ['an unknown method', '{ meter: { http: GTE /x, tokens: t } }', 'bindings.meter.http: "GTE /x" has the unknown method GTE'],
    ['a relative path', '{ meter: { http: GET x, tokens: t } }', 'has the path x, which must begin with /'],
    ['a missing part', '{ meter: { http: GET /x } }', 'bindings.meter.tokens: is missing (allowed: text)'],
    [
      'a success that is no end',
      '{ operation: { create: POST /x, poll: GET /x, id: a, state: b, end: [x], success: [y] } }',
      'bindings.operation.success.0: "y" is no end state (allowed: x)',
    ],
    [
      'kinds that are used and not listed',
      '{ operation: { create: { http: POST /x, body: { k: "${kind}" } }, poll: GET /x, id: a, state: b, end: [x], success: [x] } }',
      'bindings.operation.kinds: is missing, although create uses ${kind}',
    ],
    [
      'an unknown state',
      '{ transitions: { create: { http: POST /x, id: id }, read: { http: GET /x, state: s }, move: PUT /x, table: { idle: [activ], active: [] } } }',
      'bindings.transitions.table.idle.0: "activ" is no state of the table - did you mean "active"?',
    ],
    [
      'a kind of work that nobody judges',
      '{ economy: { types: { hybird: { texts: ["x ${item}"] } } } }',
      'bindings.economy.types.hybird: is an unknown key - did you mean "hybrid"? (allowed: hybrid, infrastructure, memory)',
    ],
    [
      'a text that is the same in every run',
      '{ economy: { sizes: { simple: { texts: ["x ${item}", "y"] } } } }',
      'bindings.economy.sizes.simple.texts.1: "y" asks the same in every run, so that an answer may be left from the one before (allowed: a text with ${item} in it, such as status of ${item})',
    ],
    [
      'fields for a body that has none',
      '{ execute: { http: POST /x, body: [1], outcome: { ok: a } }, economy: { context: { texts: ["${item}"], body: { a: 1 } } } }',
      'bindings.economy.context.body: cannot be added to bindings.execute.body (allowed: a mapping there, or none here)',
    ],
    [
      'a baseline of a service that is none',
      '{ economy: { baseline: { http: POST /x, service: apo } } }',
      'bindings.economy.baseline.service: "apo" names no http service of this target - did you mean "api"?',
    ],
    [
      'a price below nothing',
      '{ economy: { prices: { inputPerMillion: -1, outputPerMillion: 1, operationsPerDay: 1 } } }',
      'bindings.economy.prices.inputPerMillion: -1 is too small',
    ],
    [
      'prices of what no meter counts',
      '{ economy: { prices: { inputPerMillion: 1, outputPerMillion: 1, operationsPerDay: 1 } }, meter: { http: GET /x, tokens: t, prompt: p } }',
      'bindings.economy.prices: cannot be applied without bindings.meter.completion (allowed: a meter with `prompt` and `completion`, or no prices)',
    ],
  ])('in bindings: %s', async (_, bindings, expected) => {
    expect(await folder.mistakes({ 't.yaml': `${MINIMAL}bindings: ${bindings}\n` }, { targetFile: 't.yaml' })).toContain(expected);
  });

  it.each([
    [
      'an unknown id',
      "benchmark.latency_p59: { pass: '< 1ms' }",
      'criteria.benchmark.latency_p59: is no declared criterion - did you mean "benchmark.latency_p95"? (allowed: benchmark.latency_p95, benchmark.success)',
    ],
    ['an unknown severity', 'benchmark.success: { severity: P9 }', 'severity: "P9" is not allowed here'],
    [
      'a bound without a unit',
      "benchmark.latency_p95: { pass: '< 250' }",
      'criteria.benchmark.latency_p95.pass: "< 250" is not a threshold: the unit is missing',
    ],
    ['more than everything', "benchmark.success: { pass: '>= 120%' }", '">= 120%" is over 100%, which no ratio reaches'],
    ['a negative bound', "benchmark.latency_p95: { pass: '< -1ms' }", 'negative'],
    [
      'a stricter no-go',
      "benchmark.latency_p95: { pass: '< 250ms', nogo: '>= 100ms' }",
      'criteria.benchmark.latency_p95.nogo: ">= 100ms" is stricter than the pass bound < 250ms',
    ],
    [
      'a no-go of the same direction',
      "benchmark.latency_p95: { pass: '< 250ms', nogo: '< 500ms' }",
      'points the same way as the pass bound < 250ms',
    ],
    ['a no-go in another unit', "benchmark.latency_p95: { pass: '< 250ms', nogo: '>= 5rps' }", 'is in another unit than the pass bound'],
    [
      'a blind predicate',
      'benchmark.success: { notApplicable: { reason: x, when: foo == 1 } }',
      'looks at nothing that is known before a run (allowed: profile, provider, env.NAME)',
    ],
    ['a missing reason', 'benchmark.success: { notApplicable: { when: profile == quick } }', 'notApplicable.reason: is missing'],
    ['a confidence of 100%', 'benchmark.success: { confidence: 100% }', 'confidence: "100%" is outside 50% to 100%'],
  ])('in criteria: %s', async (_, criteria, expected) => {
    expect(await folder.mistakes({ 't.yaml': `${MINIMAL}criteria:\n  ${criteria}\n` }, { targetFile: 't.yaml' })).toContain(expected);
  });

  it('bounds in different files are compared as they will be used', async () => {
    const target = `${MINIMAL}criteria: { benchmark.latency_p95: { pass: '< 900ms', nogo: '>= 950ms' } }\n`;
    const files = (config: string) => ({
      't.yaml': target,
      'muster.config.yaml': `target: t.yaml\ncriteria: { benchmark.latency_p95: ${config} }\n`,
    });
    expect(await folder.mistakes(files("{ nogo: '>= 500ms' }"))).toContain(
      'muster.config.yaml:2 criteria.benchmark.latency_p95.nogo: ">= 500ms" is stricter than the pass bound < 900ms',
    );
    await folder.load(files("{ pass: '< 100ms', nogo: '>= 500ms' }"));
  });

  it('a config without a target, and an empty one', async () => {
    expect(await folder.mistakes({ 'muster.config.yaml': 'provider: local\n' })).toContain(
      'muster.config.yaml target: is missing (allowed: the path of a target file',
    );
    expect(await folder.mistakes({ 't.yaml': '' }, { targetFile: 't.yaml' })).toContain('t.yaml name: is missing');
  });

  it('functions and lists where a mapping belongs do not crash the inspection', async () => {
    expect(
      await folder.mistakes({
        'muster.config.mjs': `export default { target: { name: () => 1, services: [1], bindings: { execute: 5 } }, criteria: [], profiles: 3 };`,
      }),
    ).toContain('target.name: a function has the wrong type');
  });
});

describe('secrets', () => {
  const target = MINIMAL.replace(
    'api.js }',
    "api.js, env: { DB_PASSWORD: '${env.SHOP_DB}', URL: 'postgres://u:hunter22@h/${prt}', PASS_THROUGH: '${env.API_TOKEN} ${hots}' } }",
  );

  it('never show in messages', async () => {
    const text = await folder.mistakes(
      { 't.yaml': `${target}extra: '\${env.SHOP_DB}'\n` },
      { targetFile: 't.yaml', env: { SHOP_DB: 's3cret-value', API_TOKEN: 'tok-12345' } },
    );
    expect(text).toContain('postgres://u:[redacted]@h/${prt}');
    expect(text).not.toMatch(/s3cret-value|hunter22|tok-12345/);
  });

  it('do not change the digest, and are listed for redaction elsewhere', async () => {
    const plain = target.replace('/${prt}', '').replace(' ${hots}', '');
    const one = await folder.load({ 't.yaml': plain }, { targetFile: 't.yaml', env: { SHOP_DB: 's3cret-value', API_TOKEN: 'tok-12345' } });
    const two = await folder.load({}, { targetFile: 't.yaml', env: { SHOP_DB: 'another-one', API_TOKEN: 'tok-67890' } });
    expect(one.digest).toBe(two.digest);
    expect([...one.secrets].toSorted()).toEqual(['hunter22', 's3cret-value', 'tok-12345']);
    expect(JSON.stringify([...one.provenance])).not.toContain('s3cret');
  });
});
