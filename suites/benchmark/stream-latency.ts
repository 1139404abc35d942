import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createPostgresWitness, NotMeasured, type Observed, type SuiteRun } from '../../harness/index.ts';
import { bySecond, nowMs, type Companion, type Sighting } from './companions.ts';

/** Between two looks whether a message had its effect: how exact its time is. */
const LOOK_EVERY_MS = 10;
const PATIENCE_MS = 8_000;

/** Adds a message now and then and looks in the database when it had its effect. Dispose it: it holds connections. */
export class StreamLatency implements AsyncDisposable {
  readonly #seen: Sighting[] = [];
  readonly #witness: ReturnType<typeof createPostgresWitness>;
  readonly companion: Companion;
  #added = 0;
  #problem: string | null = null;

  /** @param adminUrl of the database that holds the effects. */
  constructor(run: SuiteRun, adminUrl: string) {
    this.#witness = createPostgresWitness({ url: adminUrl, timeoutMs: 2_000 });
    const workspace = run.workspace();
    this.companion = {
      ask: async ({ signal }) => {
        const variables = { agent: `latency-${workspace}`, value: randomUUID(), workspace };
        const startedAtMs = nowMs(run);
        const answer = await run.target.stream.add(variables, { signal });
        if (answer.outcome !== 'ok') return answer.outcome;
        this.#added += 1;
        const ms = await this.#effectAfter(run, variables, { startedAtMs, signal });
        this.#seen.push({ atMs: nowMs(run), ms });
        return 'ok';
      },
    };
  }

  /** A message without an effect by the end of the patience counts with the time that was waited. */
  async #effectAfter(
    run: SuiteRun,
    { agent, value }: { readonly agent: string; readonly value: string },
    { startedAtMs, signal }: { readonly startedAtMs: number; readonly signal: AbortSignal },
  ): Promise<number> {
    const { processed } = run.target.requireBinding('stream');
    for (;;) {
      const read = await this.#witness.values(processed, agent);
      const waitedMs = nowMs(run) - startedAtMs;
      if (!read.ok) this.#problem = read.problem;
      if ((read.ok && read.values.includes(value)) || waitedMs > PATIENCE_MS || signal.aborted) return waitedMs;
      await delay(LOOK_EVERY_MS);
    }
  }

  /** @throws NotMeasured when nothing was added, or the database could not be asked. */
  observe(): Pick<Observed, 'observation' | 'witnesses'> {
    if (this.#problem !== null) throw new NotMeasured(`the database could not be asked what was processed: ${this.#problem}`);
    if (this.#seen.length === 0) throw new NotMeasured('no message was added');
    return {
      observation: { kind: 'quantile', q: 0.95, unit: 'ms', ...bySecond(this.#seen) },
      witnesses: [
        { source: 'responses', saw: `${this.#added} messages added` },
        { source: 'database', saw: `their effects, looked for every ${LOOK_EVERY_MS} ms` },
      ],
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#witness[Symbol.asyncDispose]();
  }
}
