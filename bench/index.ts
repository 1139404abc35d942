import { parseArgs } from 'node:util';
import { messageOf } from '../harness/model/errors.ts';
import { accuracy } from './accuracy.ts';
import { agents } from './agents.ts';
import { capacity } from './capacity.ts';
import { ceiling } from './ceiling.ts';
import { distributed } from './distributed.ts';
import { engine } from './engine.ts';
import { history } from './history.ts';
import { observation } from './observation.ts';
import { overhead } from './overhead.ts';
import { pacing } from './pacing.ts';
import type { Bench, Figure } from './result.ts';
import { figure, table } from './result.ts';
import { sampling } from './sampling.ts';
import { saturation } from './saturation.ts';
import { stackStart } from './stack-start.ts';
import { steady } from './steady.ts';

const BENCHES: readonly Bench[] = [
  agents,
  stackStart,
  overhead,
  pacing,
  engine,
  distributed,
  ceiling,
  accuracy,
  saturation,
  capacity,
  sampling,
  observation,
  steady,
  history,
];
const USAGE_EXIT = 64;

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true, default: [] }, json: { type: 'boolean', default: false } },
});
const unknown = values.only.filter((name) => !BENCHES.some((bench) => bench.name === name));

if (unknown.length > 0) {
  console.error(`Unknown benchmark ${unknown.join(', ')}. There are: ${BENCHES.map((bench) => bench.name).join(', ')}.`);
  process.exitCode = USAGE_EXIT;
} else {
  await runAll(BENCHES.filter((bench) => values.only.length === 0 || values.only.includes(bench.name)));
}

async function runAll(benches: readonly Bench[]): Promise<void> {
  const results: { readonly name: string; readonly figures: readonly Figure[] }[] = [];
  for (const bench of benches) {
    const figures = await attempt(bench);
    results.push({ name: bench.name, figures });
    if (!values.json) console.log(table(`${bench.name}: ${bench.title}`, figures));
  }
  if (values.json) console.log(JSON.stringify(results, null, 2));
}

/** One benchmark that breaks must not take the figures of the others with it. */
async function attempt(bench: Bench): Promise<readonly Figure[]> {
  try {
    return await bench.run();
  } catch (error) {
    process.exitCode = 1;
    return [figure('failed', null, '', messageOf(error))];
  }
}
