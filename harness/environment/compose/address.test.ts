import { describe, expect, it } from 'vitest';
import { postgres, redis } from '../fixtures/target.ts';
import { storeAccess } from './address.ts';
import { readConfig, type ComposeService } from './config.ts';

const variables = { secret: 'S3', env: { DB_USER: 'shop' } };

function compose(more: object): ComposeService {
  const service = readConfig(JSON.stringify({ services: { one: { image: 'x', ...more } } })).services.get('one');
  if (service === undefined) throw new Error('there is one'); // invariant: written above
  return service;
}

describe('storeAccess', () => {
  it('fills in what the target file says and puts the published address in place of host and port', () => {
    const store = {
      ...postgres,
      url: 'postgres://${env.DB_USER}:${secret}@db:5432/agents?x=1',
      adminUrl: 'postgresql://root:${env.NO:-p%40ss}@db',
    };
    expect(storeAccess(store, compose({}), 2345, variables)).toEqual({
      url: 'postgres://shop:S3@127.0.0.1:2345/agents?x=1',
      adminUrl: 'postgresql://root:p%40ss@127.0.0.1:2345/agents',
      secrets: ['S3', 'p%40ss', 'p@ss'],
    });
  });

  it('takes user, password and database from the compose file, which is the superuser', () => {
    const environment = { POSTGRES_USER: 'app', POSTGRES_PASSWORD: 'a/b', POSTGRES_DB: 'shop' };
    const url = 'postgres://app:a%2Fb@127.0.0.1:2345/shop';
    expect(storeAccess(postgres, compose({ environment }), 2345, variables)).toMatchObject({ url, adminUrl: url });
    expect(storeAccess(postgres, compose({ environment: { POSTGRES_HOST_AUTH_METHOD: 'trust' } }), 2345, variables)).toMatchObject({
      url: 'postgres://postgres@127.0.0.1:2345/postgres',
    });
    const store = { ...postgres, url: 'postgres://web:w@db/other' };
    expect(storeAccess(store, compose({ environment }), 2345, variables)).toMatchObject({
      url: 'postgres://web:w@127.0.0.1:2345/other',
      adminUrl: 'postgres://app:a%2Fb@127.0.0.1:2345/other',
    });
    expect(storeAccess(store, compose({}), 2345, variables)).toMatchObject({ adminUrl: null });
  });

  it.each([
    [{ command: ['redis-server', '--requirepass', 'pw'] }, ':pw@'],
    [{ command: ['sh', '-c', 'redis-server --requirepass "p w"'] }, ':p@'],
    [{ environment: { REDIS_PASSWORD: 'pw' } }, ':pw@'],
    [{}, ''],
  ])('takes the password of Redis from %j', (more, login) => {
    const url = `redis://${login}127.0.0.1:2345/1`;
    expect(storeAccess(redis, compose(more), 2345, variables)).toMatchObject({ url, adminUrl: url });
  });

  it.each([
    [{}, 'nothing says how to reach "postgres": the compose file gives no POSTGRES_PASSWORD, and the target file no services.postgres.url'],
    [{ url: 'mysql://x@y/z' }, 'services.postgres.url is no address of a Postgres: postgres://user:password@host/… was expected'],
    [{ url: 'postgres://${env.NOPE}@db/x' }, 'services.postgres.url names the environment variable NOPE, which is not set'],
    [
      { url: 'postgres://${secrit}@db/x' },
      'services.postgres.url: "postgres://${secrit}@db/x" uses the variable "secrit", which has no value here.',
    ],
  ])('says what is wrong with %j', (more, mistake) => {
    expect(storeAccess({ ...postgres, ...more }, compose({}), 2345, variables)).toBe(mistake);
  });
});
