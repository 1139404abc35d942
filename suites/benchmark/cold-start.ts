import { setTimeout as delay } from 'node:timers/promises';
import { check, NotMeasured, type SuiteRun, type Witness } from '../../harness/index.ts';
import { executeOnce } from '../support/execute-load.ts';
import { widestBound } from '../support/limits.ts';

const ID = 'benchmark.cold_start';

/** A service that has just been started is asked again until its first good answer, for so long. */
const FIRST_ANSWER_MS = 60_000;
/** Between two asks: a service that starts has other things to do. */
const ASK_EVERY_MS = 100;

interface Start {
  readonly name: string;
  readonly ms: number;
}

/** How long each critical service took to its first good readiness when this run started it. */
async function starts(run: SuiteRun): Promise<readonly Start[]> {
  const critical = run.spec.services.filter((service) => service.critical && service.kind === 'http');
  const known = await Promise.all(critical.map(async ({ name }) => ({ name, ms: (await run.service(name)).readyMs })));
  return known.flatMap(({ name, ms }) => (ms === null ? [] : [{ name, ms }]));
}

/** Ends the service that executes and starts it anew: time to ready and to its first good answer. null: the provider cannot, or nothing is bound. */
async function firstAnswer(run: SuiteRun): Promise<Start | null> {
  const service = run.spec.bindings.execute?.http.service;
  if (service === undefined || run.profile === 'quick' || run.cannot('process-faults') !== null) return null;
  const healed = await run.during({ fault: 'stop', service }, async () => run.now());
  const { readyMs } = await run.service(service);
  const endMs = run.now() + FIRST_ANSWER_MS;
  const workspace = run.workspace();
  for (;;) {
    const { outcome } = await executeOnce(run, { text: `the first request to ${workspace}`, agent: 'first', workspace });
    const restMs = run.now() - healed.healedAtMs;
    const ms = (readyMs ?? 0) + restMs;
    if (outcome === 'ok') return { name: `${service} with its first answer`, ms };
    if (run.signal.aborted) throw new NotMeasured('the check was cut off by its time limit');
    if (run.now() > endMs) return unanswered(run, { name: `${service} without a good answer (${outcome})`, ms });
    await delay(ASK_EVERY_MS);
  }
}

/** It took at least so long. @throws NotMeasured when that is less than what must be told. */
function unanswered(run: SuiteRun, start: Start): Start {
  const boundMs = widestBound(run, ID);
  if (start.ms >= boundMs) return start;
  throw new NotMeasured(`${start.name} after ${Math.round(start.ms)} ms, which cannot show ${boundMs} ms`);
}

/** Declares the check of starts. In the profiles full and soak one service is ended and started anew. */
export function coldStartChecks(): void {
  check(
    ID,
    async (run) => {
      const again = await firstAnswer(run);
      const seen = [...(await starts(run)), ...(again === null ? [] : [again])];
      if (seen.length === 0) throw new NotMeasured('nobody knows when the services were started: the provider did not start them');
      const witnesses: readonly Witness[] = seen.map(({ name, ms }) => ({ source: name, saw: `after ${Math.round(ms)} ms` }));
      const samples = seen.map(({ ms }) => ms);
      // The services were started at the beginning of the run.
      const window = { startMs: 0, endMs: again === null ? Math.max(...samples) : run.now() };
      return { observation: { kind: 'level', unit: 'ms', worst: 'max', samples }, witnesses, window };
    },
    { limitMs: 180_000 },
  );
}
