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

/** A limit of a latency and the quantile it is for. */
interface Bound {
  readonly limitMs: number;
  readonly q: number;
}

/** Signs of a saturated generator, without regard to any limit: for display and for the report. */
export function selfCheck(figures: SelfFigures): SelfCheck {
  const reasons: string[] = [];
  const lateness = figures.latenessMs?.p99 ?? 0;
  const allowed = allowedFor(figures.gatedLatencyMs ?? 0);
  if (lateness > allowed) reasons.push(`send lateness p99 ${ms(lateness)} exceeds ${ms(allowed)}`);
  if (figures.elu > MAX_ELU) reasons.push(`event loop ${percent(figures.elu)} busy, more than ${percent(MAX_ELU)}`);
  if (figures.offeredShare < MIN_OFFERED) reasons.push(`only ${percent(figures.offeredShare)} of the schedule was issued in time`);
  if (figures.crashes > 0) reasons.push(`the load action threw ${figures.crashes} times`);
  return { ok: reasons.length === 0, reasons };
}

/**
 * The sentence for `Measurement.harnessFault` when the generator, not the target, may have made the answer, else null.
 *
 * Always a fault, whatever was measured: an action that threw, a starved generator (pressure below the schedule, or an event loop so busy
 * that answers lay unread), one that was late by more than a tenth of the limit, and a machine on which even the null server takes too long
 * for it. Between those, own delay only ever adds to a latency counted from due: a latency within its limit stands; one beyond it is our
 * fault if it would not be without the own delay. Without `bound` (ratios and rates) delays of a tenth of a window or of the time-out count.
 */
export function generatorFault(result: LoadResult, bound?: Bound): string | null {
  if (bound === undefined) return crashFault(result) ?? starvation(result) ?? rateFault(result);
  return tellingFault(result, bound) ?? latencyFault(result, bound);
}

/** The faults that keep a latency of `limitMs` from being told at all, whatever was measured; null: it can be told, to within the own delay. */
export function tellingFault(result: LoadResult, { limitMs }: Pick<Bound, 'limitMs'>): string | null {
  const rules = [crashFault, starvation, latenessFault, machineFault, slotFault];
  return rules.reduce<string | null>((fault, rule) => fault ?? rule(result, limitMs), null);
}

function crashFault({ crashes }: LoadResult): string | null {
  return crashes.count === 0 ? null : `The load action threw ${crashes.count} times, first: ${crashes.examples[0] ?? 'no message'}.`;
}

function starvation(result: LoadResult): string | null {
  const { aborted, stopped, elu, offeredShare, latenessMs } = result;
  if (!aborted && stopped === null && offeredShare < MIN_OFFERED) {
    const busy = `event loop ${percent(elu)} busy, lateness p99 ${ms(latenessMs?.p99 ?? 0)}`;
    return `The generator issued only ${percent(offeredShare)} of its schedule in time (${busy}): the target was under less pressure than planned.`;
  }
  if (elu <= MAX_ELU) return null;
  return `The generator was starved: its event loop was ${percent(elu)} busy, more than ${percent(MAX_ELU)}, so answers lay unread.`;
}

function latenessFault({ latenessMs }: LoadResult, limitMs: number): string | null {
  const lateness = latenessMs?.p99 ?? 0;
  const allowed = allowedFor(limitMs);
  if (lateness <= allowed) return null;
  return `The generator sent ${ms(lateness)} late (p99), more than ${ms(allowed)}: too late to tell a latency of ${ms(limitMs)}.`;
}

function machineFault({ calibration }: LoadResult, limitMs: number): string | null {
  return calibrationFault(calibration, limitMs);
}

/**
 * Why this machine cannot tell a latency of `limitMs`, or null. Asked just before and just after the load, a server that does nothing took
 * more than a tenth of the limit (p99) both times, or did not answer; once is noise that came or went, and shows in the difference of the two.
 */
export function calibrationFault(calibration: LoadResult['calibration'], limitMs: number): string | null {
  if (calibration === null) return null;
  const allowed = allowedFor(limitMs);
  if (bestAnswerMs(calibration) <= allowed) return null;
  const [before, after] = [calibration.before, calibration.after].map(({ latencyMs }) =>
    latencyMs === null ? 'forever' : ms(latencyMs.p99),
  );
  return `A server that does nothing took ${before} before and ${after} after the load (p99), more than ${ms(allowed)}: this machine cannot tell a latency of ${ms(limitMs)} now.`;
}

/** Of the two times the better one, p99; infinite when the null server answered neither: then nothing is known of this machine. */
export function bestAnswerMs({ before, after }: NonNullable<LoadResult['calibration']>): number {
  return Math.min(...[before, after].map(({ latencyMs }) => latencyMs?.p99 ?? Number.POSITIVE_INFINITY));
}

/** What of a limit or of a measured latency the generator's own delay may be. */
function allowedFor(latencyMs: number): number {
  return Math.max(LATENESS_FLOOR_MS, MAX_LATENESS_SHARE * latencyMs);
}

/** By Little's law `rate × limit` slots hold all that is under way while the target keeps the limit. */
function slotFault(result: LoadResult, limitMs: number): string | null {
  const needed = Math.ceil((result.requestedPerSecond * limitMs) / 1000);
  if (result.queued === 0 || result.maxInFlight >= needed) return null;
  const { queued, maxInFlight } = result;
  return `${queued} arrivals waited for one of ${maxInFlight} slots; ${needed} are needed to tell a latency of ${ms(limitMs)} at this rate.`;
}

function latencyFault(result: LoadResult, { limitMs, q }: Bound): string | null {
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
