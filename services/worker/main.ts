import { createJsonClient } from '../shared/call-json.ts';
import { listenAddress, requiredText, SettingError } from '../shared/env.ts';
import { createApp } from '../shared/http-app.ts';
import { createLog } from '../shared/log.ts';
import { runService } from '../shared/run-service.ts';
import { listen } from '../shared/serve.ts';
import { ROLES } from './roles/index.ts';
import { workerRoutes } from './routes.ts';

const DRAIN_MS = 3000;
const SOCKETS_TO_METER = 16;
const role = process.env['ROLE'] ?? '';
const log = createLog(`worker ${role}`);

await runService(log, async () => {
  const operations = ROLES[role];
  if (operations === undefined) throw new SettingError(`ROLE is "${role}"; expected one of ${Object.keys(ROLES).join(', ')}`);
  const meter = createJsonClient('meter', requiredText(process.env, 'METER_URL'), SOCKETS_TO_METER);
  const app = createApp(log);
  app.route('/', workerRoutes(role, operations(meter)));
  const http = await listen(app, listenAddress(process.env));
  log.info('listening', { port: http.port });
  return {
    stop: async () => {
      await http.close(DRAIN_MS);
      meter.close();
    },
  };
});
