import { list, listenAddress } from '../shared/env.ts';
import { createLog } from '../shared/log.ts';
import { runService } from '../shared/run-service.ts';
import { startMeter } from './compose.ts';
import { METER_AS_IS, type MeterSeams } from './seams.ts';

const log = createLog('meter');

await runService(log, async () => {
  const address = listenAddress(process.env);
  return startMeter(address, log, await seamsFor(list(process.env, 'MUSTER_DEFECTS'), address.host));
});

/** The defects' code is not even loaded unless one is asked for. */
async function seamsFor(defects: readonly string[], host: string): Promise<MeterSeams> {
  if (defects.length === 0) return METER_AS_IS;
  const { plantMeterDefects } = await import('../defects/index.ts');
  return plantMeterDefects(defects, host);
}
