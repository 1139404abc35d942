import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigFolder, createConfigFolder, MINIMAL } from './testing/config-folder.ts';
import { passwordsIn } from './url-passwords.ts';

let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const STAGING = `name: staging
services:
  db: { kind: postgres, url: 'postgres://app:\${env.DB_PASSWORD}@db.example.com/app', adminUrl: 'postgres://127.0.0.1/app?host=prod' }
  cache: { kind: redis }
  api: { kind: http, url: https://api.example.com/v1 }
  meter: { kind: http, command: node meter.js }
`;
const asked = { targetFile: 't.yaml', flags: { provider: 'external' }, env: { DB_PASSWORD: 'correct-horse' } };

describe('the addresses of the provider external', () => {
  it('are all checked at once: missing ones, ones that are none, hosts that nobody allowed', async () => {
    const text = await folder.mistakes({ 't.yaml': STAGING }, asked);
    expect(text.split('\n')).toEqual([
      'The configuration has 5 mistakes:',
      '  t.yaml:4 services.cache: has no `url`, which the provider external needs of every service (allowed: the address at which it runs; or another provider)',
      '  t.yaml:6 services.meter: has no `url`, which the provider external needs of every service (allowed: the address at which it runs; or another provider)',
      '  t.yaml:3 services.db.adminUrl: "postgres://127.0.0.1/app?host=prod" has the parameter `host`, which is not accepted in an address (allowed: postgres://user:${env.PASSWORD}@host:5432/database?sslmode=require)',
      '  t.yaml:3 services.db.url: "postgres://app:[redacted]@db.example.com/app" is on the host db.example.com, which is neither loopback nor in `allow.hosts` (allowed: a loopback address; or, in the configuration, allow: { hosts: ["db.example.com", "api.example.com"] })',
      '  t.yaml:5 services.api.url: "https://api.example.com/v1" is on the host api.example.com, which is neither loopback nor in `allow.hosts` (allowed: a loopback address; or, in the configuration, allow: { hosts: ["db.example.com", "api.example.com"] })',
    ]);
  });

  it('do not matter to any other provider', async () => {
    const config = await folder.load({ 't.yaml': STAGING }, { ...asked, flags: { provider: 'local' } });
    expect(config.provider).toBe('local');
  });

  it.each([['provider: external\n'], ['profile: quick\nprofiles: { quick: { provider: external } }\n']])(
    'are checked whoever asks for it: %j',
    async (text) => {
      const mistakes = await folder.mistakes({ 'muster.config.yaml': `target: t.yaml\n${text}`, 't.yaml': MINIMAL });
      expect(mistakes).toContain('t.yaml:3 services.api: has no `url`');
    },
  );

  it('may be on hosts that the configuration allows, by name or by suffix', async () => {
    const target = `name: x\nservices:\n  a: { kind: http, url: https://api.example.com }\n  b: { kind: redis, url: redis://c.staging.example.net }\n`;
    const config = await folder.load(
      { 'muster.config.yaml': `target: t.yaml\nallow: { hosts: [api.example.com, '*.example.net'] }\n`, 't.yaml': target },
      asked,
    );
    expect(config.allow.hosts).toEqual(['api.example.com', '*.example.net']);
  });

  it('an allowed host is a name, not an address', async () => {
    const text = await folder.mistakes({
      'muster.config.yaml': `target: t.yaml\nallow: { hosts: ['https://api.example.com', 'a.example.com:443', '*', 10.0.0.1, '[2001:db8::1]'] }\n`,
      't.yaml': MINIMAL,
    });
    expect(text.match(/allow\.hosts\.\d+/gu)).toEqual(['allow.hosts.0', 'allow.hosts.1', 'allow.hosts.2']);
  });

  it('give away no password: neither one of a variable nor one that stands in the file', async () => {
    const target = `name: x\nservices:\n  a: { kind: redis, url: '\${env.CACHE_URL}' }\n  b: { kind: redis, url: redis://:in-the-file@127.0.0.1 }\n`;
    const { secrets } = await folder.load({ 't.yaml': target }, { ...asked, env: { CACHE_URL: 'redis://:p%40ssword@127.0.0.1' } });
    expect([...secrets]).toEqual(['p%40ssword', 'p@ssword', 'in-the-file']);
  });
});

describe('passwordsIn', () => {
  it.each([
    ['postgres://app:s3cret@db/app', ['s3cret']],
    ['postgres://app:a%2Fb@db/app', ['a%2Fb', 'a/b']],
    ['postgres://postgres:postgres@db/app', []],
    ['postgres://app:app@db/app', []],
    ['postgres://app:${secret}@db/app', []],
    ['postgres://h/db?user=u&password=hunter22', ['hunter22']],
    ['redis://h?password=hunter22', ['hunter22']],
    ['https://sk_live_x@api/', ['sk_live_x']],
    ['postgres://app@db/app', []],
    ['postgres://app:p@ss@db/app', ['p@ss']],
    ['redis://:pa/ss@db', ['pa/ss']],
    ['https://api/x?auth=true&tokens=many&access_token=abc123', ['abc123']],
    ['http://127.0.0.1:8000', []],
    ['just text', []],
  ])('%s', (text, expected) => {
    expect(passwordsIn(text)).toEqual(expected);
  });
});
