import { randomUUID } from 'node:crypto';
import { check, NotMeasured } from '../../harness/index.ts';
import { executeOnce } from '../support/execute-load.ts';

/** Few texts, asked often: after the first time each, a cache should answer. */
const TEXTS = 10;

check(
  'efficiency.cache.hit_rate',
  async (run) => {
    const workspace = run.workspace();
    const pool = randomUUID();
    const rounds = run.sized({ quick: 30, full: 120 });
    let hits = 0;
    let trials = 0;
    for (let index = 0; index < rounds * TEXTS && !run.signal.aborted; index += 1) {
      const answer = await executeOnce(run, { text: `where is parcel ${pool} ${index % TEXTS}`, agent: 'efficiency', workspace });
      if (answer.cacheHit === null) throw new NotMeasured('the answers do not say whether they come from the cache');
      trials += 1;
      if (answer.cacheHit) hits += 1;
    }
    return {
      observation: { kind: 'ratio', successes: hits, trials },
      witnesses: [{ source: 'responses', saw: `${hits} of ${trials} answers said they come from the cache` }],
    };
  },
  { limitMs: 240_000 },
);
