import type { LoadPlan, Shape } from './plan.ts';
import { durationOf } from './plan.ts';

/** `constant 150/s for 17 s, even arrivals, 20 agents`: what was asked of the target, for the report. */
export function describeShape({ shape, arrivals, agents }: Pick<LoadPlan, 'shape' | 'arrivals' | 'agents'>): string {
  const who = agents === 1 ? '1 agent' : `${agents} agents`;
  return `${rateText(shape)} for ${seconds(durationOf(shape))}, ${arrivals === 'even' ? 'even' : 'Poisson'} arrivals, ${who}`;
}

function rateText(shape: Shape): string {
  switch (shape.kind) {
    case 'constant':
      return `constant ${rate(shape.perSecond)}`;
    case 'ramp':
      return `ramp from ${rate(shape.fromPerSecond)} to ${rate(shape.toPerSecond)}`;
    case 'burst':
      return `${rate(shape.perSecond)} with bursts of ${rate(shape.burstPerSecond)} (${seconds(shape.burstMs)} in every ${seconds(shape.everyMs)})`;
    default:
      return `steps of ${shape.perSecond.map((perSecond) => rate(perSecond)).join(', ')}, ${seconds(shape.holdMs)} each,`;
  }
}

function rate(perSecond: number): string {
  return `${Number(perSecond.toPrecision(4))}/s`;
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(3))} s`;
}
