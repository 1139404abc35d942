import { createLog } from '../shared/log.ts';
import { runService } from '../shared/run-service.ts';
import { startGateway } from './compose.ts';
import { readConfig } from './config.ts';
import { AS_IS, type Seams } from './seams.ts';

const log = createLog('gateway');

await runService(log, async () => {
  const config = readConfig(process.env);
  return startGateway(config, log, await seamsFor(config.defects, config.listen.host));
});

/** The defects' code is not even loaded unless one is asked for. */
async function seamsFor(defects: readonly string[], host: string): Promise<Seams> {
  if (defects.length === 0) return AS_IS;
  const { plantDefects } = await import('../defects/index.ts');
  return plantDefects(defects, host);
}
