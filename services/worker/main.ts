import { createLog } from '../shared/log.ts';
import { runService } from '../shared/run-service.ts';
import { startWorker } from './compose.ts';
import { readWorkerConfig } from './config.ts';
import { WORKER_AS_IS, type WorkerSeams } from './seams.ts';

const log = createLog(`worker ${process.env['ROLE'] ?? ''}`);

await runService(log, async () => {
  const config = readWorkerConfig(process.env);
  return startWorker(config, log, await seamsFor(config.defects, config.listen.host));
});

/** The defects' code is not even loaded unless one is asked for. */
async function seamsFor(defects: readonly string[], host: string): Promise<WorkerSeams> {
  if (defects.length === 0) return WORKER_AS_IS;
  const { plantWorkerDefects } = await import('../defects/index.ts');
  return plantWorkerDefects(defects, host);
}
