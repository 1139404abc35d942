import { MusterError } from '../model/errors.ts';
import { ActionOperation } from './action-operation.ts';
import { Engine } from './engine.ts';
import { mergeReports } from './merge.ts';
import { WHOLE } from './plan.ts';
import type { LoadOptions, LoadResult } from './types.ts';

/**
 * Sends actions when they are due, whatever the target does, and resolves when the last is settled. Never rejects for
 * what the target does; an aborted load resolves with what was measured until then.
 * @throws MusterError when the options cannot give a measurement (no measured time, no slot, no time-out).
 */
export async function runLoad({ action, ...options }: LoadOptions): Promise<LoadResult> {
  check(options);
  const { schedule, maxInFlight } = options;
  const report = await new Engine({
    ...options,
    schedule: { ...schedule, dueAt: (index) => schedule.dueAt(index), globalIndex: (index) => index, entryOf: () => 0 },
    shard: WHOLE,
    whole: { perSecond: schedule.perSecond, maxInFlight },
    operations: [new ActionOperation(action)],
    endsCancelled: true,
  }).run();
  return mergeReports([report], []);
}

type Limits = Pick<LoadOptions, 'schedule' | 'warmupMs' | 'maxInFlight' | 'timeoutMs' | 'drainMs'>;

function check({ schedule, warmupMs, maxInFlight, timeoutMs, drainMs }: Limits): void {
  const wrong = [
    ...(warmupMs >= 0 && warmupMs < schedule.durationMs
      ? []
      : [`warmupMs is ${warmupMs}, expected 0 or more and less than the duration ${schedule.durationMs}`]),
    ...(maxInFlight >= 1 ? [] : [`maxInFlight is ${maxInFlight}, expected at least 1`]),
    ...(timeoutMs > 0 ? [] : [`timeoutMs is ${timeoutMs}, expected more than 0`]),
    ...(drainMs >= 0 ? [] : [`drainMs is ${drainMs}, expected 0 or more`]),
  ];
  if (wrong.length === 0) return;
  throw new MusterError(`Load: ${wrong.join('; ')}.`, {
    code: 'MUSTER_LOAD_OPTIONS',
    blame: 'harness',
    hint: 'Correct the options of runLoad in the check that starts this load.',
  });
}
