import { generatorFault, latencyAt, poissonRate, runLoad } from '../harness/load/index.ts';
import { quantileOf, sortedCopy } from '../harness/load/quantile.ts';
import { startServer } from './child-server.ts';
import { httpAction } from './http-action.ts';
import type { Bench, Figure } from './result.ts';
import { figure } from './result.ts';

const LAWS = ['constant', 'lognormal'];
const QUANTILES = [0.5, 0.95, 0.99];
const DURATION_MS = 6000;
const PER_SECOND = 200;
const CONNECTIONS = 200;

/** What the generator reports against what the server itself saw, in the same run. */
export const accuracy: Bench = {
  name: 'accuracy',
  title: `Percentiles against the server's own, ${PER_SECOND}/s open loop`,
  async run() {
    const figures: Figure[] = [];
    for (const law of LAWS) figures.push(...(await against(law)));
    return figures;
  },
};

async function against(law: string): Promise<Figure[]> {
  const server = await startServer('delay-server.js', [law]);
  const { action, close } = httpAction(server.origin, CONNECTIONS);
  try {
    const schedule = poissonRate({ perSecond: PER_SECOND, durationMs: DURATION_MS, seed: 1 });
    const result = await runLoad({ schedule, action, warmupMs: 0, maxInFlight: CONNECTIONS, timeoutMs: 5000, drainMs: 5000 });
    const seen = sortedCopy((await server.ask()) as number[]);
    const figures = QUANTILES.flatMap((q) => {
      const [reported, truth] = [latencyAt(result, q), quantileOf(seen, q)];
      if (reported === null || truth === null) return [];
      const note = `reported ${reported.toFixed(2)} ms, server saw ${truth.toFixed(2)} ms (${((reported / truth - 1) * 100).toFixed(1)} %)`;
      return [figure(`${law} p${q * 100} error`, reported - truth, 'ms', note)];
    });
    return [...figures, figure(`${law} lateness p99`, result.latenessMs?.p99 ?? null, 'ms', generatorFault(result) ?? '')];
  } finally {
    await close();
    await server[Symbol.asyncDispose]();
  }
}
