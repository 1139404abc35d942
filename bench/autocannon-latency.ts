import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { autocannon } from './rivals.ts';

/** What autocannon prints for a fixed overall rate. It has no p95, and whole milliseconds. */
export interface AutocannonLatency {
  readonly p50: number;
  readonly p97_5: number;
  readonly p99: number;
}

export async function autocannonLatency(origin: string, seconds: number, perSecond: number): Promise<AutocannonLatency> {
  const [program, args] = autocannon.command(origin, seconds, perSecond);
  const { stdout } = await promisify(execFile)(program, [...args]);
  return (JSON.parse(stdout) as { readonly latency: AutocannonLatency }).latency;
}
