import { randomUUID } from 'node:crypto';
import { tlsOfService } from '../model/tls.ts';
import { MissingBinding, requestOf } from '../target/index.ts';
import { closedLoopPeak, type PeakResult } from '../workers/index.ts';
import type { Briefing } from './protocol.ts';

export interface PeakAsked {
  /** Clients that each wait for their answer before they ask again. */
  readonly connections: number;
  /** Measured time, after a warm-up of a second. */
  readonly durationMs: number;
  readonly workspace: string;
  readonly signal: AbortSignal;
}

const WARMUP_MS = 1_000;
const TIMEOUT_MS = 5_000;

/** One and the same request of the binding `execute`, over and over. @throws MissingBinding, MusterError MUSTER_PEAK_FAILED. */
export async function peakOfExecute({ target, services, allowedHosts }: Briefing, { workspace, ...asked }: PeakAsked): Promise<PeakResult> {
  const template = target.bindings.execute?.http;
  if (template === undefined) throw new MissingBinding('execute');
  const urls = Object.fromEntries(services.map(({ name, url }) => [name, url]));
  const variables = { text: 'assess one parcel again and again', agent: 'peak', op: randomUUID(), workspace, cache: true };
  const { method, path, headers, body } = requestOf(template, variables, { urls, userAgent: 'muster' });
  return closedLoopPeak({
    url: urls[template.service] ?? '',
    tls: tlsOfService(target.services, template.service),
    allowedHosts,
    request: { method, path, headers, body },
    warmupMs: WARMUP_MS,
    timeoutMs: TIMEOUT_MS,
    ...asked,
  });
}
