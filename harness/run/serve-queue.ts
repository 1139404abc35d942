import type { QueueWorkerOptions } from '../workers/queue-worker.ts';

/** `serveQueue` of the workers; what it needs is loaded only then. */
export async function serveQueue(options: QueueWorkerOptions): Promise<void> {
  const queue = await import('../workers/queue-worker.ts');
  return queue.serveQueue(options);
}
