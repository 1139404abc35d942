import type { Stage } from '../model/budgets.ts';
import type { ExecuteBinding } from '../model/target.ts';
import { numberIn } from './extract.ts';

/** What one answer says of its own times, ms. */
export interface StageReading {
  readonly ms: Readonly<Partial<Record<Stage, number>>>;
  /** Names that the answer says nothing usable of: no number there, or one below 0. */
  readonly missing: readonly Stage[];
  /** Sum of the parts, or the time of the whole where that was asked for: no caller can have waited less. */
  readonly claimedMs: number;
}

/**
 * Reads the times from the answer to an `execute`.
 * @param whole the kind of execution that was asked for; null reads the parts alone.
 */
export function readStages({ outcome: { stages = {} } }: ExecuteBinding, json: unknown, whole: Stage | null): StageReading {
  const ms: Partial<Record<Stage, number>> = {};
  const missing: Stage[] = [];
  let [parts, total] = [0, 0];
  for (const [name, rule] of Object.entries(stages) as [Stage, NonNullable<(typeof stages)[Stage]>][]) {
    if (rule.text !== null && name !== whole) continue;
    const value = numberIn(rule.ms, json);
    if (value === null || value < 0) {
      missing.push(name);
      continue;
    }
    ms[name] = value;
    if (rule.text === null) parts += value;
    else total = value;
  }
  return { ms, missing, claimedMs: Math.max(parts, total) };
}
