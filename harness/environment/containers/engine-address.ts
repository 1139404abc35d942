import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Env } from '../binaries.ts';

const DEFAULT_SOCKET = '/var/run/docker.sock';

/** Where the engine is: DOCKER_HOST, else the first socket of the usual places that exists, else the default one. */
export function engineAddress(env: Env): string {
  const asked = env['DOCKER_HOST'];
  if (asked !== undefined && asked !== '') return asked;
  const runtime = env['XDG_RUNTIME_DIR'];
  const places = [
    DEFAULT_SOCKET,
    ...(runtime === undefined ? [] : [join(runtime, 'docker.sock')]),
    join(homedir(), '.docker', 'run', 'docker.sock'),
  ];
  return `unix://${places.find((place) => existsSync(place)) ?? DEFAULT_SOCKET}`;
}

/** Whether what the engine publishes on its loopback is on ours too: a socket, or an address of loopback. */
export function isHere(address: string): boolean {
  if (address.startsWith('unix://')) return true;
  const host = URL.canParse(address) ? new URL(address).hostname : '';
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
