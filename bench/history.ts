import { checkHistory } from '../harness/history/index.ts';
import type { History, ListAction, Recorded } from '../harness/history/index.ts';
import { seededRandom } from '../harness/load/index.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';

const SIZES = [10_000, 100_000, 1_000_000];
const ROUNDS = 5;
/** Appends a key gets before the next one takes over: otherwise the reads alone grow quadratically. */
const PER_KEY = 64;
const SESSIONS = 20;
const TARGETS: Readonly<Record<number, string>> = { 100_000: 'target 3000 ms', 1_000_000: 'target 30000 ms' };

/** Whether judging a history stays linear, and how much memory it takes. */
export const history: Bench = {
  name: 'history',
  title: `History checker: ${SESSIONS} sessions, 70 % appends, ${PER_KEY} appends per key, median of ${ROUNDS}`,
  async run() {
    const figures: Figure[] = [];
    let before: number | null = null;
    for (const size of SIZES) {
      const rounds = Array.from({ length: ROUNDS }, () => timed(generated(size)));
      const ms = median(rounds.map((round) => round.ms));
      const growth = ms === null || before === null ? '' : `, ${(ms / before).toFixed(1)} × for 10 × the operations`;
      figures.push(figure(`${size} operations`, ms, 'ms', `${spread(rounds.map((round) => round.ms))}${growth} ${TARGETS[size] ?? ''}`));
      figures.push(
        figure(`${size} operations, memory`, median(rounds.map((round) => round.mb)), 'MiB', 'heap in use beyond the history itself'),
      );
      before = ms;
    }
    return figures;
  },
};

function timed(operations: History): { readonly ms: number; readonly mb: number } {
  globalThis.gc?.();
  const heap = process.memoryUsage().heapUsed;
  const startedAtMs = performance.now();
  const { anomalies } = checkHistory(operations);
  const ms = performance.now() - startedAtMs;
  if (anomalies.length > 0) throw new Error(`the generated history is in order, yet it has ${anomalies[0]?.name ?? ''}`); // invariant
  return { ms, mb: Math.max(0, process.memoryUsage().heapUsed - heap) / 2 ** 20 };
}

/** A correct history: every operation takes effect at one moment between its begin and its end. */
function generated(size: number): History {
  const random = seededRandom(size);
  const lists = new Map<string, number[]>();
  const operations: Recorded<ListAction>[] = [];
  for (let id = 0; id < size; id += 1) {
    const key = `k${Math.floor((id * 0.7) / PER_KEY / 5) * 5 + (id % 5)}`;
    const list = lists.get(key) ?? [];
    lists.set(key, list);
    const atMs = id * 0.1;
    const span = { invokedMs: atMs - random() * 0.05, returnedMs: atMs + random() * 0.05 };
    const appends = random() < 0.7;
    if (appends) list.push(id);
    const parts = [appends ? ({ kind: 'append', key, value: id } as const) : ({ kind: 'read', key, values: [...list] } as const)];
    operations.push({ id, session: id % SESSIONS, ...span, outcome: 'ok', action: { parts } });
  }
  return { model: 'list', operations };
}
