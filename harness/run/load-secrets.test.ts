import { describe, expect, test } from 'vitest';
import type { LoadTask } from '../workers/index.ts';
import { taskWithReferences } from './load-secrets.ts';
import { httpServiceFixture, targetFixture } from './testing.ts';

const TOKEN = 'abcdef0123456789';
const MADE = 'made-by-muster';

function task(changes: Partial<LoadTask>): LoadTask {
  return {
    plan: {
      id: 'benchmark.steady',
      suite: 'benchmark',
      label: '',
      shape: { kind: 'constant', perSecond: 1, durationMs: 1_000 },
      arrivals: 'even',
      seed: 1,
      agents: 1,
      mix: [{ operation: 'http', weight: 1, options: { path: `/shop?token=${TOKEN}` } }],
      warmupMs: 0,
      maxInFlight: 1,
      timeoutMs: 1,
      drainMs: 1,
    },
    shard: { index: 0, of: 1 },
    target: targetFixture(),
    urls: { web: 'https://user:pw-of-web@shop.test' },
    adminUrls: { postgres: `postgres://admin:${MADE}@127.0.0.1:5432/postgres` },
    allowedHosts: [],
    ...changes,
  };
}

const KNOWN = { values: new Set([TOKEN]), env: { SHOP_TOKEN: TOKEN } };

function withHeaders(headers: Readonly<Record<string, string>>): LoadTask {
  const http = { method: 'POST', path: '/x', service: 'web', body: null, headers };
  return task({ target: targetFixture({ bindings: { execute: { http, outcome: { ok: 'ok' } } } }) });
}

function headersOf(changed: LoadTask): Readonly<Record<string, string>> | undefined {
  return changed.target.bindings.execute?.http.headers;
}

describe('a task that leaves this machine', () => {
  test('names the variable that a secret came from, wherever it stands', () => {
    const changed = taskWithReferences(task({}), KNOWN);
    expect(changed.plan.mix[0]?.options).toEqual({ path: '/shop?token=${secret:SHOP_TOKEN}' });
    expect(JSON.stringify(changed)).not.toContain(TOKEN);
  });

  test('has no password of an address, whoever made it', () => {
    const { urls, adminUrls } = taskWithReferences(task({}), KNOWN);
    expect(urls).toEqual({ web: 'https://user:${secret:WEB_PASSWORD}@shop.test' });
    expect(adminUrls).toEqual({ postgres: 'postgres://admin:${secret:POSTGRES_ADMIN_PASSWORD}@127.0.0.1:5432/postgres' });
  });

  test.each([
    ['postgres://h/db?user=u&password=hunter22', 'postgres://h/db?user=u&password=${secret:S_ADMIN_PASSWORD}'],
    ['redis://h?password=hunter22', 'redis://h?password=${secret:S_ADMIN_PASSWORD}'],
    ['https://sk_live_x@api/', 'https://${secret:S_ADMIN_USER}@api/'],
    ['postgres://admin:p@ss@db/app', 'postgres://admin:${secret:S_ADMIN_PASSWORD}@db/app'],
    ['postgres://admin@db/app', 'postgres://admin@db/app'],
  ])('has no secret of the address %s', (url, expected) => {
    expect(taskWithReferences(task({ adminUrls: { s: url } }), KNOWN).adminUrls).toEqual({ s: expected });
  });

  test('has no secret that is written in the file itself', () => {
    const changed = taskWithReferences(withHeaders({ Authorization: 'Bearer literal-secret' }), KNOWN);
    expect(headersOf(changed)).toEqual({ Authorization: '${secret:BINDINGS_EXECUTE_HTTP_HEADERS_AUTHORIZATION}' });
  });

  test('keeps the scheme before a secret, and what every call fills in', () => {
    const headers = { Authorization: `Bearer ${TOKEN}`, 'X-Api-Key': '${agent}', 'X-Agent-Id': '${agent}' };
    expect(headersOf(taskWithReferences(withHeaders(headers), KNOWN))).toEqual({
      ...headers,
      Authorization: 'Bearer ${secret:SHOP_TOKEN}',
    });
  });

  test('does not say how services are started', () => {
    const service = httpServiceFixture({ env: { SIGNING: 'anything' } });
    const changed = taskWithReferences(task({ target: targetFixture({ services: [service] }) }), KNOWN);
    expect(changed.target.services).toMatchObject([{ name: 'web', env: {}, command: [], cwd: '' }]);
  });
});
