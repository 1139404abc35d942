import type { HttpService } from '../../model/target.ts';
import type { TlsSettings } from '../../model/tls.ts';

/** An https service that somebody else runs. */
export function secureService(url: string, tls: Partial<TlsSettings>): HttpService {
  return {
    kind: 'http',
    name: 'api',
    critical: true,
    dependsOn: [],
    image: null,
    composeService: null,
    resources: { memoryBytes: null, cpus: null },
    url,
    tls: { ca: null, cert: null, key: null, serverName: null, ...tls },
    build: null,
    containerCommand: null,
    containerPort: null,
    command: [],
    cwd: '/',
    port: null,
    env: {},
    health: null,
    ready: { path: '/health', expect: {}, withinMs: 1_000 },
  };
}
