import { InvalidArgumentError, type Command } from 'commander';
import { MusterError } from '../../harness/model/errors.ts';
import { Interruption, serveQueue } from '../../harness/supervisor.ts';
import { say } from '../terminal.ts';
import { listenForSignals } from './signals.ts';

interface WorkerFlags {
  readonly redis?: string;
  readonly name?: string;
  readonly concurrency: number;
  readonly once?: true;
}

export function addWorker(program: Command): void {
  program
    .command('worker')
    .description('make load for runs elsewhere: waits at a Redis for `muster validate --workers <redis-url>`')
    .option('--redis <url>', 'the Redis where runs and workers meet (default: MUSTER_WORKER_REDIS, the place for one with a password)')
    .option('--name <name>', 'what reports call it (default: host and process id)', plainName)
    .option('--concurrency <n>', 'shares at a time; always 1, so that no share disturbs another', one, 1)
    .option('--once', 'end after the first run')
    .addHelpText(
      'after',
      `
Examples:
  muster worker --redis redis://queue:6379
  MUSTER_WORKER_REDIS=redis://:password@queue:6379 muster worker --name rack-7
  muster worker --redis redis://queue:6379 --once   for a job of CI

One worker makes load from one core; start one per core that is to make load. It reaches the target by itself: one on loopback only
from the same machine. Secrets of the target do not travel through the queue: the worker takes them from its own environment, as
MUSTER_SECRET_<NAME> or <NAME>, and says which are missing.

Exit codes: 0 after --once, 64 usage, 69 no Redis, 130/143 signal.`,
    )
    .action((flags: WorkerFlags) => work(flags));
}

async function work({ redis = process.env['MUSTER_WORKER_REDIS'], name, once }: WorkerFlags): Promise<void> {
  if (redis === undefined || redis === '') throw noRedis();
  const abort = new AbortController();
  const signals = listenForSignals(abort, 'giving the share back and leaving');
  try {
    await serveQueue({
      redisUrl: redis,
      ...(name !== undefined && { name }),
      ...(once && { once }),
      env: process.env,
      signal: abort.signal,
      onEvent: (text) => say(`muster worker: ${text}`),
    });
    process.exitCode = exitCodeOf(abort.signal);
  } finally {
    signals.dispose();
  }
}

function exitCodeOf(signal: AbortSignal): number {
  const reason: unknown = signal.reason;
  return reason instanceof Interruption ? reason.exitCode : 0;
}

function noRedis(): MusterError {
  return new MusterError('There is no address of a Redis for the load worker.', {
    code: 'MUSTER_QUEUE_ADDRESS',
    blame: 'config',
    hint: 'Give it with --redis redis://host:6379, or in MUSTER_WORKER_REDIS.',
  });
}

function one(value: string): number {
  if (value === '1') return 1;
  throw new InvalidArgumentError('a worker does one share at a time; start another worker for another core');
}

function plainName(value: string): string {
  if (/^[\w .:@-]{1,60}$/u.test(value)) return value;
  throw new InvalidArgumentError('expected up to 60 letters, digits, spaces or . : @ _ -');
}
