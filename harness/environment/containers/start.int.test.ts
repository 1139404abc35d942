import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { monotonicMs } from '../../model/clock.ts';
import { startContainers } from '../containers.ts';
import { http, target } from '../fixtures/target.ts';
import { openLedger } from '../ledger.ts';
import { createRunDir } from '../run-dir.ts';

let server: Server;
let address = '';
let asked: string[];
beforeEach(async () => {
  asked = [];
  // Says that it is there and that it holds nothing; whatever else it is asked, it does not answer.
  server = createServer(({ url = '' }, response) => {
    asked.push(url);
    if (url.endsWith('/_ping')) response.end('OK');
    else if (url.startsWith('/events')) response.flushHeaders();
    else if (/^\/(?:containers|networks|volumes|images)/.test(url)) response.end(url.startsWith('/volumes') ? '{}' : '[]');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const at = server.address();
  address = `http://127.0.0.1:${String(typeof at === 'object' ? at?.port : '')}`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

it('ends soon after it is stopped, although the engine hangs', async () => {
  const runId = `hangs-${randomBytes(5).toString('hex')}`;
  const ledger = openLedger({ runId });
  const runDir = await createRunDir(runId, ledger);
  const abort = new AbortController();
  const starting = startContainers({
    runId,
    runDir,
    target: target(http('web', '', { image: 'web:1', containerPort: 80 })),
    signal: abort.signal,
    ledger,
    env: { ...process.env, DOCKER_HOST: address },
    allow: { hosts: [], faults: false },
    onProgress: () => undefined,
    onLost: () => undefined,
  });
  starting.catch(() => undefined);
  while (!asked.includes('/version')) await once(server, 'request');
  const stoppedMs = monotonicMs();
  abort.abort(new Error('stopped by the user'));
  await expect(starting).rejects.toThrow('stopped by the user');
  expect(monotonicMs() - stoppedMs).toBeLessThan(10_000);
  expect(existsSync(runDir)).toBe(false);
  ledger.close({ onEngines: [] });
}, 20_000);
