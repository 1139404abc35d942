import { decode, encode } from 'gpt-tokenizer/encoding/cl100k_base';
import { listenAddress } from '../shared/env.ts';
import { createApp } from '../shared/http-app.ts';
import { createLog } from '../shared/log.ts';
import { runService } from '../shared/run-service.ts';
import { listen } from '../shared/serve.ts';
import { meterRoutes } from './routes.ts';

const log = createLog('meter');
const DRAIN_MS = 2000;

await runService(log, async () => {
  const app = createApp(log);
  app.route('/', meterRoutes({ encode, decode }));
  const http = await listen(app, listenAddress(process.env));
  log.info('listening', { port: http.port });
  return { stop: () => http.close(DRAIN_MS) };
});
