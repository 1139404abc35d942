import { parentPort, workerData } from 'node:worker_threads';
import { checkHistory } from './check.ts';
import type { History } from './history.ts';

parentPort?.postMessage(checkHistory(workerData as History));
