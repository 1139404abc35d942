import { check, closedLoop, meanLatency, NotMeasured, scenario, successRatio } from '../../harness/index.ts';
import { executeOnce } from '../support/execute-load.ts';
import { captured } from '../support/captured.ts';
import { loopFault } from '../support/loop-fault.ts';
import { textMix } from '../support/texts.ts';

/** Share of successes below which the rest of the suite says nothing more. */
const STOPS_BELOW = 0.9;

/** Every agent of the workload at once, each with its own text, half of them never seen before. */
const together = scenario(async (run) => {
  const workspace = run.workspace();
  const text = textMix(run, 2);
  const crossed: string[] = [];
  let compared = 0;
  const errors = new Map<string, number>();
  const result = await closedLoop({
    agents: run.spec.workload.agents,
    perAgent: Math.ceil(run.sized({ quick: 300, full: 1_000 }) / run.spec.workload.agents),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index, agent }, signal) => {
      const asked = `${text(index)} for agent ${agent}`;
      const answer = await executeOnce(run, { text: asked, agent: `agent-${agent}`, workspace, signal });
      if (answer.echoed !== null) {
        compared += 1;
        if (!answer.echoed) crossed.push(`agent ${agent} asked "${asked}" and got somebody else's answer`);
      }
      if (answer.outcome !== 'ok') {
        const error = answer.answer.error ?? `status ${answer.answer.status ?? 'none'}, outcome ${answer.outcome}`;
        errors.set(error, (errors.get(error) ?? 0) + 1);
      }
      return { outcome: answer.outcome };
    },
  });
  return { result, crossed, compared, errors };
});

const witnesses = ({ result, errors }: Awaited<ReturnType<typeof together>>) => [
  {
    source: 'responses',
    saw: Object.entries(result.byOutcome)
      .flatMap(([name, count]) => (count > 0 ? [`${count} ${name}`] : []))
      .join(', '),
  },
  ...[...errors]
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, 3)
    .map(([error, count]) => ({ source: 'failures', saw: `${count} × ${error}` })),
];

check('concurrency.agents.success', async (run) => {
  const seen = await together(run);
  const observation = successRatio(seen.result);
  const isBad = observation.kind === 'ratio' && observation.successes < STOPS_BELOW * observation.trials;
  return {
    observation,
    window: seen.window,
    // Where this stops the suite, what happened is to be seen without another run.
    witnesses: [...witnesses(seen), ...(isBad ? await captured(run, run.target.requireBinding('execute').http.service) : [])],
    harnessFault: loopFault(seen.result),
  };
});

check('concurrency.agents.latency_mean', async (run) => {
  const seen = await together(run);
  return { observation: meanLatency(seen.result), window: seen.window, witnesses: witnesses(seen), harnessFault: loopFault(seen.result) };
});

check('concurrency.agents.crosstalk', async (run) => {
  const { result, crossed, compared, window } = await together(run);
  return {
    observation: { kind: 'count', trials: compared, count: crossed.length, examples: crossed.slice(0, 5) },
    window,
    harnessFault: loopFault(result),
  };
});

check('concurrency.agents.fairness', async (run) => {
  const { result, window } = await together(run);
  const rates = result.agents.map(({ successes, done, perSecond }) => (done === 0 ? 0 : (perSecond * successes) / done));
  const [typical, slowest] = [medianOf(rates), Math.min(...rates)];
  if (result.agents.length < 2 || typical === 0)
    throw new NotMeasured('fewer than two agents got anything done: there is nothing to compare');
  return {
    observation: { kind: 'level', unit: '%', samples: rates.map((rate) => rate / typical), worst: 'min' },
    window,
    harnessFault: loopFault(result),
    witnesses: [
      {
        source: 'responses',
        saw: `the slowest of ${rates.length} agents did ${slowest.toFixed(1)} a second, half of them at least ${typical.toFixed(1)}`,
      },
    ],
  };
});

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
