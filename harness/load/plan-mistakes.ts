import type { LoadPlan, Shape } from './plan.ts';
import { curveOf } from './rate-curve.ts';

/** Most arrivals of one load: hours at any rate a generator reaches. Counting the Poisson arrivals of it takes seconds. */
export const MAX_ARRIVALS = 100_000_000;
const MAX_STRETCHES = 100_000;

/** Everything that keeps a shape from being a schedule, each in the words of the shape; empty: nothing. */
export function shapeMistakes(shape: Shape): readonly string[] {
  const wrong = fieldMistakes(shape);
  if (wrong.length > 0) return wrong;
  const { total, peakPerSecond, durationMs } = curveOf(shape);
  if (peakPerSecond === 0) return ['all rates are 0, expected one above 0'];
  return total <= MAX_ARRIVALS
    ? []
    : [`the rates come to ${Math.round(total)} arrivals in ${durationMs} ms, at most ${MAX_ARRIVALS} are possible`];
}

export function planMistakes(plan: LoadPlan): readonly string[] {
  const { shape, agents, mix, warmupMs, maxInFlight, timeoutMs, drainMs } = plan;
  const shapeWrong = shapeMistakes(shape);
  const lengthMs = shapeWrong.length > 0 ? Number.POSITIVE_INFINITY : curveOf(shape).durationMs;
  return [
    ...shapeWrong,
    ...(Number.isInteger(agents) && agents >= 1 ? [] : [`agents is ${agents}, expected a whole number of at least 1`]),
    ...(mix.length > 0 ? [] : ['mix is empty, expected an operation']),
    ...mix.flatMap(({ operation, weight }, place) => above0(`mix[${place}].weight (${operation})`, weight)),
    ...(warmupMs >= 0 && warmupMs < lengthMs ? [] : [`warmupMs is ${warmupMs}, expected 0 or more and less than the duration`]),
    ...(maxInFlight >= 1 ? [] : [`maxInFlight is ${maxInFlight}, expected at least 1`]),
    ...above0('timeoutMs', timeoutMs),
    ...(drainMs >= 0 ? [] : [`drainMs is ${drainMs}, expected 0 or more`]),
  ];
}

function fieldMistakes(shape: Shape): readonly string[] {
  switch (shape.kind) {
    case 'constant':
      return [...above0('perSecond', shape.perSecond), ...above0('durationMs', shape.durationMs)];
    case 'ramp':
      return [
        ...notBelow0('fromPerSecond', shape.fromPerSecond),
        ...notBelow0('toPerSecond', shape.toPerSecond),
        ...above0('durationMs', shape.durationMs),
      ];
    case 'steps':
      return [
        ...(shape.perSecond.length > 0 ? [] : ['perSecond has no rates, expected one or more']),
        ...shape.perSecond.flatMap((rate, place) => notBelow0(`perSecond[${place}]`, rate)),
        ...above0('holdMs', shape.holdMs),
      ];
    default:
      return burstMistakes(shape);
  }
}

function burstMistakes(shape: Shape & { readonly kind: 'burst' }): readonly string[] {
  const { perSecond, burstPerSecond, everyMs, burstMs, durationMs } = shape;
  const times = [...above0('everyMs', everyMs), ...above0('burstMs', burstMs), ...above0('durationMs', durationMs)];
  return [
    ...notBelow0('perSecond', perSecond),
    ...above0('burstPerSecond', burstPerSecond),
    ...times,
    ...(burstMs > everyMs ? [`burstMs is ${burstMs}, expected at most everyMs (${everyMs})`] : []),
    ...(times.length === 0 && (2 * durationMs) / everyMs > MAX_STRETCHES
      ? [`everyMs is ${everyMs}, which is ${Math.ceil(durationMs / everyMs)} bursts; at most ${MAX_STRETCHES / 2} are possible`]
      : []),
  ];
}

function above0(name: string, value: number): readonly string[] {
  return value > 0 && Number.isFinite(value) ? [] : [`${name} is ${value}, expected a positive number`];
}

function notBelow0(name: string, value: number): readonly string[] {
  return value >= 0 && Number.isFinite(value) ? [] : [`${name} is ${value}, expected 0 or a positive number`];
}
