import { Ajv2020 } from 'ajv/dist/2020.js';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { configJsonSchema } from './index.ts';
import { findingsOf } from './issues.ts';
import { suggest } from '../model/suggest.ts';
import { isSecretPath } from '../model/secret-names.ts';
import { redactText } from './redact.ts';
import { userConfig } from './schema.ts';

describe('the published JSON Schema', () => {
  it('accepts the complete target file and refuses a misspelt one', async () => {
    const target = parse(await readFile(new URL('./fixtures/shop.yaml', import.meta.url), 'utf8')) as Record<string, unknown>;
    const validate = new Ajv2020({ strict: false }).compile(configJsonSchema('target'));
    expect(validate(target)).toBe(true);
    expect(validate({ ...target, servces: {} })).toBe(false);
    expect(new Ajv2020({ strict: false }).compile(configJsonSchema())({ target, provider: 'local' })).toBe(true);
  });
});

describe('findings', () => {
  it('name what is allowed within unions and variants', () => {
    const input = {
      target: {
        name: 'x',
        services: { a: { kind: 'redis', policy: 'lru', polcy: 1 } },
        bindings: { operation: { create: { http: 'POST /x', bdy: {} } } },
      },
    };
    const parsed = userConfig.safeParse(input);
    const findings = parsed.success ? [] : findingsOf(parsed.error.issues, input, configJsonSchema());
    expect(findings.map(({ path, suggestion }) => [path.join('.'), suggestion])).toEqual(
      expect.arrayContaining([
        ['target.services.a.polcy', 'policy'],
        ['target.bindings.operation.create.bdy', 'body'],
      ]),
    );
    expect(findings.find(({ path }) => path.at(-1) === 'polcy')?.allowed).toBe(
      'adminUrl, compose, critical, db, dependsOn, image, kind, maxmemory, policy, resources, tap, url, version',
    );
  });
});

describe('suggestions', () => {
  it.each([
    ['treshholds', 'thresholds'],
    ['comand', 'command'],
    ['serivces', 'services'],
    ['zzz', null],
  ])('%s → %s', (written, meant) => {
    expect(suggest(written, ['thresholds', 'command', 'services', 'criteria'])).toBe(meant);
  });
});

describe('redaction', () => {
  it.each([
    [['services', 'a', 'env', 'DB_PASSWORD'], true],
    [['services', 'a', 'env', 'API_KEY'], true],
    [['services', 'a', 'env', 'KEY'], true],
    [['bindings', 'execute', 'headers', 'Authorization'], true],
    [['x', 'accessToken'], true],
    [['x', 'privateKey'], true],
    [['bindings', 'events', 'key'], false],
    [['bindings', 'execute', 'outcome', 'tokens'], false],
    [['criteria', 'a.b', 'pass'], false],
    [['services', 'a', 'env', 'PATH'], false],
  ])('%j is a secret: %s', (path, secret) => {
    expect(isSecretPath(path)).toBe(secret);
  });

  it('removes longer secrets first, and passwords in URLs', () => {
    expect(redactText('abcd-efgh abcd redis://u:pw@h', new Set(['abcd', 'abcd-efgh']))).toBe(
      '[redacted] [redacted] redis://u:[redacted]@h',
    );
  });
});
