import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createPostgresWitness, NotMeasured, type Observed, type SuiteRun } from '../../harness/index.ts';
import { askedWithin, timesOf, type Asked, type Span } from '../support/asked.ts';
import { nowMs, type Companion } from './companions.ts';

/** Between two looks whether a message had its effect: how exact its time is. */
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 8_000;
/** Of the messages at most so many may be lost sight of. */
const MAX_UNSEEN = 0.05;

interface StreamAsk extends Asked {
  /** Why nobody saw when it had its effect; null: somebody looked all the time. */
  readonly unseen: string | null;
}

/** Adds a message now and then and looks in the database when it had its effect. Dispose it: it holds connections. */
export class StreamLatency implements AsyncDisposable {
  readonly #asked: StreamAsk[] = [];
  readonly #witness: ReturnType<typeof createPostgresWitness>;
  readonly companion: Companion;

  /** @param adminUrl of the database that holds the effects. */
  constructor(run: SuiteRun, adminUrl: string) {
    this.#witness = createPostgresWitness({ url: adminUrl, timeoutMs: 2_000 });
    const workspace = run.workspace();
    this.companion = {
      ask: async ({ signal }) => {
        const variables = { agent: `latency-${workspace}`, value: randomUUID(), workspace };
        const startedAtMs = nowMs(run);
        const { outcome } = await run.target.stream.add(variables, { signal });
        const effect = outcome === 'ok' ? await this.#effectAfter(run, variables, { startedAtMs, signal }) : { ms: null, unseen: null };
        this.#asked.push({ atMs: startedAtMs, ...effect });
        return outcome;
      },
    };
  }

  /** A message that had no effect by the end of the patience had none. After a look that failed nobody knows when it had it. */
  async #effectAfter(
    run: SuiteRun,
    { agent, value }: { readonly agent: string; readonly value: string },
    { startedAtMs, signal }: { readonly startedAtMs: number; readonly signal: AbortSignal },
  ): Promise<Omit<StreamAsk, 'atMs'>> {
    const { processed } = run.target.requireBinding('stream');
    for (;;) {
      const read = await this.#witness.values(processed, agent);
      const waitedMs = nowMs(run) - startedAtMs;
      if (!read.ok) return { ms: null, unseen: read.problem };
      if (read.values.includes(value)) return { ms: waitedMs, unseen: null };
      if (waitedMs > PATIENCE_MS || signal.aborted) return { ms: null, unseen: null };
      await delay(LOOK_EVERY_MS);
    }
  }

  /** Of what was added between two times. @throws NotMeasured when nothing was, or the database could not be asked. */
  observe(within: Span): Pick<Observed, 'observation' | 'witnesses'> {
    return streamFinding(askedWithin(this.#asked, within));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#witness[Symbol.asyncDispose]();
  }
}

/** Pure. A message that nobody could follow is left out, as long as these are few. */
function streamFinding(asked: readonly StreamAsk[]): Pick<Observed, 'observation' | 'witnesses'> {
  const followed = asked.filter(({ unseen }) => unseen === null);
  const problem = asked.find(({ unseen }) => unseen !== null)?.unseen;
  const lost = asked.length - followed.length;
  if (asked.length === 0) throw new NotMeasured('no message was added while the load ran');
  if (lost > MAX_UNSEEN * asked.length)
    throw new NotMeasured(`for ${lost} of ${asked.length} messages the database could not be asked what was processed: ${problem}`);
  const effects = followed.filter(({ ms }) => ms !== null).length;
  return {
    observation: timesOf(0.95, followed),
    witnesses: [
      { source: 'responses', saw: `${asked.length} messages added${lost === 0 ? '' : `, ${lost} of them could not be followed`}` },
      { source: 'database', saw: `${effects} effects, looked for every ${LOOK_EVERY_MS} ms` },
    ],
  };
}
