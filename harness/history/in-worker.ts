import { Worker } from 'node:worker_threads';
import type { Judgement } from './check.ts';
import type { History } from './history.ts';

/** `checkHistory` in a thread of its own, so that a long history does not hold up the caller. Rejects for a history that cannot be judged. */
export async function checkInWorker(history: History): Promise<Judgement> {
  const worker = new Worker(new URL('./history-worker.js', import.meta.url), { workerData: history });
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the history checker ended without an answer (exit code ${code})`)));
  });
}
