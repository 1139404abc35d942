import { describe, expect, it } from 'vitest';
import { durationMs, readConfig } from './config.ts';

describe('readConfig', () => {
  it('reads what compose prints', () => {
    const { services, networks, volumes } = readConfig(
      JSON.stringify({
        name: 'shop',
        services: {
          db: {
            image: 'postgres:17',
            environment: { POSTGRES_PASSWORD: 'a$$b', UNSET: null, PORT: 5432 },
            command: ['postgres', '-c', 'x=$$y'],
            healthcheck: { test: ['CMD-SHELL', 'pg_isready'], interval: '1s' },
            ports: [
              { target: 5432, published: '5432', protocol: 'tcp' },
              { target: 53, protocol: 'udp' },
            ],
            expose: ['3000', '3001-3003/tcp', '4000/udp'],
            stop_grace_period: '1m30s',
            networks: { default: null, back: { aliases: ['a'] } },
          },
          web: {
            build: { context: '.' },
            command: null,
            depends_on: {
              db: { condition: 'service_healthy', required: true },
              job: { condition: 'service_completed_successfully', required: false },
            },
            healthcheck: { disable: true },
            deploy: { replicas: 2, restart_policy: { condition: 'any' } },
            volumes: [
              { type: 'bind', source: '/src', target: '/app' },
              { type: 'bind', source: '/conf', target: '/conf', read_only: true },
            ],
            profiles: ['full'],
          },
        },
        networks: { default: { name: 'shop_default', ipam: {} }, back: { name: 'x', external: true } },
        volumes: {
          data: { name: 'shop_data' },
          disk: { name: 'd', driver_opts: { type: 'none', o: 'bind', device: '/srv/d' } },
          memory: { name: 'm', driver_opts: { type: 'tmpfs', device: 'tmpfs' } },
        },
      }),
    );
    expect(services.get('db')).toEqual({
      name: 'db',
      image: 'postgres:17',
      built: false,
      published: [5432],
      exposed: [3000, 3001, 3002, 3003],
      environment: { POSTGRES_PASSWORD: 'a$b', UNSET: null, PORT: '5432' },
      command: ['postgres', '-c', 'x=$y'],
      dependsOn: [],
      healthcheck: ['CMD-SHELL', 'pg_isready'],
      containerName: false,
      networkMode: null,
      replicas: { scale: null, deploy: null },
      restartPolicy: false,
      limits: { memory: false, cpus: false },
      addresses: new Map(),
      writable: [],
      profiles: [],
      stopMs: 90_000,
    });
    expect(services.get('web')).toMatchObject({
      built: true,
      image: null,
      command: [],
      dependsOn: [
        { service: 'db', condition: 'service_healthy', required: true },
        { service: 'job', condition: 'service_completed_successfully', required: false },
      ],
      healthcheck: null,
      replicas: { scale: null, deploy: 2 },
      restartPolicy: true,
      writable: [{ source: '/src', target: '/app' }],
      profiles: ['full'],
      stopMs: 10_000,
    });
    expect([...networks]).toEqual([
      ['default', { name: 'shop_default', external: false, addressed: false }],
      ['back', { name: 'x', external: true, addressed: false }],
    ]);
    expect([...volumes]).toEqual([
      ['data', { name: 'shop_data', external: false, device: null }],
      ['disk', { name: 'd', external: false, device: '/srv/d' }],
      ['memory', { name: 'm', external: false, device: null }],
    ]);
  });

  it.each([
    ['10s', 10_000],
    ['1m30s', 90_000],
    ['250ms', 250],
    ['1h0m0.5s', 3_600_500],
  ])('reads the duration %s', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });
});
