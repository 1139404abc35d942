import type { LoadResult, Quantiles, SelfCheck } from './types.ts';
import { latencyAt } from './windows.ts';

const MAX_ELU = 0.7;
const MIN_OFFERED = 0.99;
const MAX_LATENESS_SHARE = 0.1;
const LATENESS_FLOOR_MS = 1;
/** Below this share of the limit the generator's own delay is resolution, not a fault. */
const RESOLUTION = 0.01;
/**
 * A late loop delays a request when it is sent and again when its answer is read. Measured on a generator burning
 * 400 µs per request at 500–2600/s: the error of the reported p99 was 1.2–2.0 times the p99 of the send lateness.
 */
const OWN_DELAY_PER_LATENESS = 2;

export interface SelfFigures {
  readonly latenessMs: Quantiles | null;
  /** The latency at the gated quantile. */
  readonly gatedLatencyMs: number | null;
  readonly elu: number;
  readonly offeredShare: number;
  readonly crashes: number;
}

/** Signs of a saturated generator, without regard to any limit: for display and for the report. */
export function selfCheck(figures: SelfFigures): SelfCheck {
  const reasons: string[] = [];
  const lateness = figures.latenessMs?.p99 ?? 0;
  const allowed = Math.max(LATENESS_FLOOR_MS, MAX_LATENESS_SHARE * (figures.gatedLatencyMs ?? 0));
  if (lateness > allowed) reasons.push(`send lateness p99 ${ms(lateness)} exceeds ${ms(allowed)}`);
  if (figures.elu > MAX_ELU) reasons.push(`event loop ${percent(figures.elu)} busy, more than ${percent(MAX_ELU)}`);
  if (figures.offeredShare < MIN_OFFERED) reasons.push(`only ${percent(figures.offeredShare)} of the schedule was issued in time`);
  if (figures.crashes > 0) reasons.push(`the load action threw ${figures.crashes} times`);
  return { ok: reasons.length === 0, reasons };
}

/**
 * The sentence for `Measurement.harnessFault` when the generator, not the target, may have made the answer, else null.
 *
 * Own delay only ever adds to a latency counted from due, so a latency within its limit stands however late the
 * generator was. It is a fault when it could have turned the answer: the latency is beyond the limit, but would not be
 * without the generator's own delay. Without `bound` (ratios and rates) delays of a tenth of a window or of the
 * time-out count. Always a fault: pressure below the schedule, and an action that threw.
 */
export function generatorFault(result: LoadResult, bound?: { readonly limitMs: number; readonly q: number }): string | null {
  const { crashes, offeredShare, latenessMs } = result;
  if (crashes.count > 0) return `The load action threw ${crashes.count} times, first: ${crashes.examples[0] ?? 'no message'}.`;
  if (!result.aborted && offeredShare < MIN_OFFERED) {
    const busy = `event loop ${percent(result.elu)} busy, lateness p99 ${ms(latenessMs?.p99 ?? 0)}`;
    return `The generator issued only ${percent(offeredShare)} of its schedule in time (${busy}): the target was under less pressure than planned.`;
  }
  return bound === undefined ? rateFault(result) : (slotFault(result, bound.limitMs) ?? latencyFault(result, bound));
}

/** By Little's law `rate × limit` slots hold all that is under way while the target keeps the limit. */
function slotFault(result: LoadResult, limitMs: number): string | null {
  const needed = Math.ceil((result.requestedPerSecond * limitMs) / 1000);
  if (result.queued === 0 || result.maxInFlight >= needed) return null;
  const { queued, maxInFlight } = result;
  return `${queued} arrivals waited for one of ${maxInFlight} slots; ${needed} are needed to tell a latency of ${ms(limitMs)} at this rate.`;
}

function latencyFault(result: LoadResult, { limitMs, q }: { readonly limitMs: number; readonly q: number }): string | null {
  const measured = latencyAt(result, q);
  const own = OWN_DELAY_PER_LATENESS * (result.latenessMs?.p99 ?? 0);
  if (measured === null || own < RESOLUTION * limitMs || measured < limitMs || measured - own >= limitMs) return null;
  return `${quantileName(q)} ${ms(measured)} is beyond ${ms(limitMs)}, but the generator itself was up to ${ms(own)} late (event loop ${percent(result.elu)} busy).`;
}

function rateFault(result: LoadResult): string | null {
  const lateness = result.latenessMs?.p99 ?? 0;
  const allowed = MAX_LATENESS_SHARE * Math.min(result.windowMs, result.timeoutMs);
  if (lateness <= allowed) return null;
  return `The generator was ${ms(lateness)} late (p99), more than ${ms(allowed)}: its own stalls show in the rates and time-outs.`;
}

function quantileName(q: number): string {
  return `p${Number((q * 100).toFixed(3))}`;
}

function ms(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
