import { createJsonClient } from '../shared/call-json.ts';
import { mount } from '../shared/endpoint.ts';
import { SettingError } from '../shared/env.ts';
import { createApp } from '../shared/http-app.ts';
import type { Log } from '../shared/log.ts';
import { withDocument } from '../shared/described.ts';
import type { DocumentInfo } from '../shared/openapi.ts';
import type { Stoppable } from '../shared/run-service.ts';
import { listen } from '../shared/serve.ts';
import type { WorkerConfig } from './config.ts';
import { workerEndpoints } from './endpoints.ts';
import { ROLES } from './roles/index.ts';
import type { WorkerSeams } from './seams.ts';

const DRAIN_MS = 3000;
const SOCKETS_TO_METER = 16;

export async function startWorker(config: WorkerConfig, log: Log, seams: WorkerSeams): Promise<Stoppable & { readonly port: number }> {
  const operationsOf = ROLES[config.role];
  if (operationsOf === undefined) throw new SettingError(`there is no role "${config.role}"`);
  const meter = createJsonClient('meter', config.meterUrl, SOCKETS_TO_METER);
  const role = await seams.role(operationsOf(meter), config.role);
  const app = createApp(log);
  mount(app, withDocument(workerEndpoints(config.role, role), infoOf(config.role)));
  const http = await listen(app, config.listen);
  log.info('listening', { port: http.port });
  return {
    port: http.port,
    stop: async () => {
      await http.close(DRAIN_MS);
      meter.close();
    },
  };
}

function infoOf(role: string): DocumentInfo {
  return { title: `Worker ${role}`, version: '0.1.0', description: 'One of the six workers', authenticated: false };
}
