import { describe, expect, it } from 'vitest';
import { readConfig } from './config.ts';
import { notesOn, overrideFile, type Publication } from './override.ts';

const UNLIMITED = { memoryBytes: null, cpus: null };

function published(entries: Readonly<Record<string, Partial<Publication>>>): ReadonlyMap<string, Publication> {
  return new Map(
    Object.entries(entries).map(([name, more]) => [name, { hostPort: 23456, containerPort: 80, resources: UNLIMITED, ...more }]),
  );
}

const SHOP = readConfig(
  JSON.stringify({
    services: {
      db: {
        image: 'postgres:17',
        container_name: 'shop-db',
        restart: 'always',
        ports: [{ target: 5432, published: '5432', protocol: 'tcp' }],
        networks: { back: { ipv4_address: '172.28.0.5' } },
        volumes: [{ type: 'volume', source: 'data', target: '/var/lib/postgresql/data' }],
      },
      web: { build: { context: '/src' }, image: 'shop/web:dev', ports: [{ target: 80 }], deploy: { replicas: 3, restart_policy: {} } },
      admin: { image: 'adminer', ports: [{ target: 8080, published: '8081' }], volumes: [{ type: 'bind', source: '/srv/admin' }] },
    },
    networks: { back: { name: 'shop', ipam: { config: [{ subnet: '172.28.0.0/16' }] } }, outside: { name: 'proxy', external: true } },
    volumes: { data: { name: 'shop-data' } },
  }),
);

describe('overrideFile', () => {
  it('gives a run its own names, labels and addresses, and publishes only what the target names', () => {
    expect(overrideFile(SHOP, published({ db: { containerPort: 5432 }, web: { hostPort: 23457 } }), 'R1')).toMatchInlineSnapshot(`
      "services:
        db:
          labels:
            muster.run: "R1"
          init: true
          restart: "no"
          logging: !override {"driver": "json-file", "options": {"max-size": "16m", "max-file": "2"}}
          ports: !override ["127.0.0.1:23456:5432"]
          container_name: !reset null
          networks:
            back:
              ipv4_address: !reset null
        web:
          labels:
            muster.run: "R1"
          init: true
          restart: "no"
          logging: !override {"driver": "json-file", "options": {"max-size": "16m", "max-file": "2"}}
          ports: !override ["127.0.0.1:23457:80"]
          image: "muster-r1-web"
          pull_policy: "build"
          build:
            labels:
              muster.run: "R1"
            tags: !reset []
          deploy:
            restart_policy: !reset null
            replicas: 1
        admin:
          labels:
            muster.run: "R1"
          init: true
          restart: "no"
          logging: !override {"driver": "json-file", "options": {"max-size": "16m", "max-file": "2"}}
          ports: !reset []
      networks:
        back:
          name: "muster-r1_back"
          labels:
            muster.run: "R1"
          ipam: !reset null
        outside: !override {"name": "muster-r1_outside", "labels": {"muster.run": "R1"}}
      volumes:
        data:
          name: "muster-r1_data"
          labels:
            muster.run: "R1"
      "
    `);
  });

  it('puts the limits of the target file in the place of the compose file’s', () => {
    const config = readConfig(JSON.stringify({ services: { web: { image: 'web', mem_limit: '1073741824', cpus: 2, scale: 2 } } }));
    const limited = published({ web: { resources: { memoryBytes: 64 * 1024 * 1024, cpus: 0.5 } } });
    expect(overrideFile(config, limited, 'r1')).toContain(
      [
        '    scale: 1',
        '    mem_limit: !reset null',
        '    cpus: !reset null',
        '    deploy:',
        '      resources:',
        '        limits:',
        '          memory: "67108864"',
        '          cpus: "0.5"',
      ].join('\n'),
    );
  });

  it('quotes names that YAML would take for something else, and variables', () => {
    const config = readConfig(JSON.stringify({ services: { on: { image: 'x' }, 'a.b': { image: 'x' } }, volumes: { a$b: {} } }));
    const text = overrideFile(config, new Map(), 'r1');
    expect(text).toContain('  "on":\n');
    expect(text).toContain('  a.b:\n');
    expect(text).toContain('  "a$$b":\n    name: "muster-r1_a$$b"');
  });
});

describe('notesOn', () => {
  it('says what is changed or cannot be kept apart', () => {
    expect(notesOn(SHOP, published({ db: {}, web: {} }))).toEqual([
      'The network "back" gets other addresses than the file says, so that two runs never meet.',
      'The external network "outside" is replaced by one of this run.',
      '"web" runs once: a service of the target has one address.',
      '"admin" writes to /srv/admin on this host: what it leaves there stays, and two runs share it.',
    ]);
  });
});
