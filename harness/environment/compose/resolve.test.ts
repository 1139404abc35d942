import { expect, it } from 'vitest';
import type { MusterError } from '../../model/errors.ts';
import { http, postgres, redis } from '../fixtures/target.ts';
import { readConfig } from './config.ts';
import { placeServices } from './resolve.ts';

const FILE = {
  services: {
    database: { image: 'postgres', ports: [{ target: 5432 }, { target: 9187 }] },
    cache: { image: 'redis' },
    web: { image: 'web', ports: [{ target: 80 }], expose: ['3000'] },
    worker: { image: 'web', expose: ['3000'] },
    many: { image: 'web', ports: [{ target: 80 }, { target: 81 }] },
    none: { image: 'web' },
    side: { image: 'web', network_mode: 'service:web' },
    host: { image: 'web', network_mode: 'host' },
    debug: { image: 'web', ports: [{ target: 80 }], profiles: ['debug'] },
  },
  volumes: { data: { name: 'shop', external: true } },
};
const everything = readConfig(JSON.stringify(FILE));
const { host: _host, side: _side, debug: _debug, ...fine } = FILE.services;
const usual = readConfig(JSON.stringify({ services: fine }));

it('finds services under either name, and the port they listen on', () => {
  const services = [
    { ...postgres, composeService: 'database' },
    { ...redis, composeService: 'cache' },
    http('web', ''),
    http('worker', ''),
    http('two', '', { composeService: 'many', containerPort: 81 }),
  ];
  const placed = placeServices(services, usual, everything);
  expect(placed.map(({ service, compose, containerPort }) => [service.name, compose.name, containerPort])).toEqual([
    ['postgres', 'database', 5432],
    ['redis', 'cache', 6379],
    ['web', 'web', 80],
    ['worker', 'worker', 3000],
    ['two', 'many', 81],
  ]);
});

it('names all mistakes at once', () => {
  const { debug: _, ...enabled } = FILE.services;
  const config = readConfig(JSON.stringify({ ...FILE, services: enabled }));
  const services = [
    http('databse', ''),
    http('api', '', { composeService: 'zzzzzzzz' }),
    http('many', ''),
    http('none', ''),
    http('side', ''),
    http('debug', ''),
    http('web', ''),
    http('again', '', { composeService: 'web' }),
  ];
  expect(() => placeServices(services, config, everything)).toThrowErrorMatchingInlineSnapshot(`
    [MusterError: The target does not fit its compose file:
      - "databse" is not a service of the compose file; did you mean "database"? (it has database, cache, web, worker, many, none, side, host)
      - "api" (compose: zzzzzzzz) is not a service of the compose file; it has database, cache, web, worker, many, none, side, host
      - the service "many" names the ports 80, 81: write services.many.containerPort in the target file
      - the service "none" names no port: write services.none.containerPort in the target file
      - the service "side" has network_mode "service:web", so no port of its own can be published
      - "debug" belongs to the profile "debug", which compose.profiles does not name
      - "web" and "again" are both the service "web" of the compose file
      - the volume "data" is external ("shop"): a run would write to data that is not its own
      - the service "host" uses the network of the host, where two runs would meet]
  `);
  const error = ((): MusterError | null => {
    try {
      placeServices(services, config, everything);
    } catch (thrown) {
      return thrown as MusterError;
    }
    return null;
  })();
  expect(error).toMatchObject({ code: 'MUSTER_COMPOSE_TARGET', exitCode: 64 });
});

it('does not let a run write to the data of a store that stays on this host', () => {
  const mount = (source: string, target: string, more = {}) => ({ type: 'bind', source, target, ...more });
  const config = readConfig(
    JSON.stringify({
      services: {
        postgres: {
          image: 'postgres',
          volumes: [mount('/home/me/pg', '/var/lib/postgresql/data/'), mount('/init', '/docker-entrypoint-initdb.d')],
        },
        redis: { image: 'redis', volumes: [mount('/home/me/redis', '/data'), mount('/conf', '/data/conf', { read_only: true })] },
        other: { image: 'postgres', environment: { PGDATA: '/pg/17' }, volumes: [mount('/home/me/other', '/pg')] },
        web: { image: 'web', expose: ['80'], volumes: [mount('/src', '/data')] },
      },
      volumes: { disk: { driver_opts: { type: 'none', o: 'bind', device: '/srv/disk' } } },
    }),
  );
  const services = [postgres, redis, { ...postgres, name: 'other' }, http('web', '')];
  expect(() => placeServices(services, config, config)).toThrowErrorMatchingInlineSnapshot(`
    [MusterError: The target does not fit its compose file:
      - the volume "disk" is kept on /srv/disk: a run would write to data that is not its own
      - the service "postgres" keeps its data in /home/me/pg on this host: a run would write to data that is not its own
      - the service "redis" keeps its data in /home/me/redis on this host: a run would write to data that is not its own
      - the service "other" keeps its data in /home/me/other on this host: a run would write to data that is not its own]
  `);
});
