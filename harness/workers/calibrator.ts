import {
  calibrate,
  calibrationRate,
  type Calibration,
  type LoadClock,
  type LoadPlan,
  type NullServer,
  peakRate,
  type Shard,
  startNullServer,
} from '../load/index.ts';
import { createLoadHttp, type LoadHttp } from '../target/index.ts';
import { nullOperation } from './operations/null-operation.ts';

const DURATION_MS = 1_000;
const CONNECTIONS = 256;
/** What was measured after one load is what is so before the next, when that follows at once. */
const STILL_TRUE_MS = 5_000;

/** What the load itself runs on. */
interface Means {
  readonly clock: LoadClock;
  readonly signal?: AbortSignal;
}

/** Measures what this process and machine can do, against a null server of its own that starts with the first measurement. */
export class Calibrator implements AsyncDisposable {
  #server: NullServer | null = null;
  #http: LoadHttp | null = null;
  #last: { readonly calibration: Calibration; readonly atMs: number } | null = null;

  /** At the rate of the share; the last measurement when it is recent and of that rate. */
  async before(plan: LoadPlan, shard: Shard, by: Means): Promise<Calibration> {
    const last = this.#last;
    if (last?.calibration.perSecond === rateOf(plan, shard) && performance.now() - last.atMs < STILL_TRUE_MS) return last.calibration;
    return this.measure(plan, shard, by);
  }

  async measure(plan: LoadPlan, shard: Shard, by: Means): Promise<Calibration> {
    this.#server ??= await startNullServer();
    this.#http ??= createLoadHttp({ url: this.#server.origin, connections: CONNECTIONS });
    const operation = nullOperation(this.#http);
    const perSecond = rateOf(plan, shard);
    const calibration = await calibrate({ operation, perSecond, durationMs: DURATION_MS, ...by });
    this.#last = { calibration, atMs: performance.now() };
    return calibration;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#http?.[Symbol.asyncDispose]();
    await this.#server?.[Symbol.asyncDispose]();
  }
}

function rateOf({ shape }: LoadPlan, { of }: Shard): number {
  return calibrationRate(peakRate(shape) / of);
}
