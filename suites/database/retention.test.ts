import { check, NotMeasured, type Witness } from '../../harness/index.ts';
import { fillBeyond, type Kept } from '../support/retention.ts';

/** In the profile quick nobody waits longer for what is to go. */
const QUICK_MS = 15_000;

check(
  'database.retention.bounded',
  async (run) => {
    const rules = Object.entries(run.target.requireBinding('retention'));
    const tried = rules.filter(([, { withinMs }]) => run.sized({ quick: withinMs <= QUICK_MS, full: true }));
    if (tried.length === 0)
      throw new NotMeasured(
        `${list(rules)}: what is too old is gone later than the profile quick waits; the profile full waits as long as they say`,
      );
    const kept = await Promise.all(tried.map(async ([name, rule]) => ({ name, rule, ...(await fillBeyond(run, name, rule)) })));
    const wrong = kept.filter(({ left, rule }) => left > rule.limit);
    const late = rules.filter((rule) => !tried.includes(rule));
    return {
      observation: {
        kind: 'count',
        trials: kept.length,
        count: wrong.length,
        examples: wrong.map(
          ({ name, owner, left, filled, rule }) =>
            `${name}: of ${filled} rows of ${owner} ${left} are there after ${rule.withinMs / 1000} s, ${rule.limit} may stay`,
        ),
      },
      witnesses: [...kept.map(witnessOf), ...(late.length === 0 ? [] : [{ source: 'not tried in this profile', saw: list(late) }])],
    };
  },
  { limitMs: 300_000 },
);

function witnessOf({ name, filled, left, afterMs }: Kept & { readonly name: string }): Witness {
  return { source: `database, ${name}`, saw: `${filled} rows put there, ${left} left after ${(afterMs / 1000).toFixed(1)} s` };
}

function list(rules: readonly (readonly [string, { readonly withinMs: number }])[]): string {
  return rules.map(([name, { withinMs }]) => `${name} (within ${withinMs / 1000} s)`).join(', ');
}
