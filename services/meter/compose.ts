import { decode, encode } from 'gpt-tokenizer/encoding/cl100k_base';
import { mount } from '../shared/endpoint.ts';
import type { Listen } from '../shared/env.ts';
import { createApp } from '../shared/http-app.ts';
import type { Log } from '../shared/log.ts';
import { withDocument } from '../shared/described.ts';
import type { Stoppable } from '../shared/run-service.ts';
import { listen } from '../shared/serve.ts';
import { createCompletions } from './completions.ts';
import { meterEndpoints } from './endpoints.ts';
import type { MeterSeams } from './seams.ts';
import { UsageBook } from './usage.ts';

const DRAIN_MS = 2000;
const MAX_OPERATIONS = 100_000;
const INFO = { title: 'Meter', version: '0.1.0', description: 'A model that counts its tokens', authenticated: false };

export async function startMeter(address: Listen, log: Log, seams: MeterSeams): Promise<Stoppable & { readonly port: number }> {
  const book = new UsageBook(MAX_OPERATIONS);
  const completions = seams.completions(createCompletions({ encode, decode }, book));
  const app = createApp(log);
  mount(app, withDocument(meterEndpoints(completions, book), INFO));
  const http = await listen(app, address);
  log.info('listening', { port: http.port });
  return { port: http.port, stop: () => http.close(DRAIN_MS) };
}
