import { monotonicMs } from '../model/clock.ts';
import type { ProgressEvent } from '../model/progress.ts';
import type { RecordDistribution, RecordEvent, RecordLoad, RecordSeries, RunRecord } from '../model/record.ts';

/** Bounds what a run keeps in memory: a target that crashes in a loop must not fill the record. */
const MAX_EVENTS = 2_000;
const MAX_SERIES = 64;
const MAX_POINTS = 20_000;

type Unstamped<T> = T extends { readonly atMs: number } ? Omit<T, 'atMs'> : never;
export type Progress = Unstamped<ProgressEvent>;

/** What happened during the run, on the run's clock; passed on live and kept for the record. */
export class Journal {
  readonly startMonotonicMs: number;
  readonly #onProgress: (event: ProgressEvent) => void;
  readonly #events: RecordEvent[] = [];
  readonly #series: RecordSeries[] = [];
  readonly #distributions: RecordDistribution[] = [];
  readonly #loads: RecordLoad[] = [];

  constructor(startMonotonicMs: number, onProgress: (event: ProgressEvent) => void) {
    this.startMonotonicMs = startMonotonicMs;
    this.#onProgress = onProgress;
  }

  nowMs(): number {
    return monotonicMs() - this.startMonotonicMs;
  }

  progress(event: Progress): void {
    this.#onProgress({ ...event, atMs: this.nowMs() });
  }

  /** Kept in the record's timeline, and told live as a note. */
  event(kind: RecordEvent['kind'], text: string): void {
    if (this.#events.length < MAX_EVENTS) this.#events.push({ atMs: Math.round(this.nowMs()), kind, text });
  }

  warn(kind: RecordEvent['kind'], text: string): void {
    this.event(kind, text);
    this.progress({ kind: 'note', level: 'warning', text });
  }

  addSeries(series: RecordSeries): void {
    if (this.#series.length < MAX_SERIES) this.#series.push({ ...series, points: series.points.slice(0, MAX_POINTS) });
  }

  addDistribution(distribution: RecordDistribution): void {
    if (this.#distributions.length < MAX_SERIES) this.#distributions.push(distribution);
  }

  addLoad(load: RecordLoad): void {
    if (this.#loads.length < MAX_SERIES) this.#loads.push(load);
  }

  /** What the record keeps of it. */
  recorded(): Pick<RunRecord, 'events' | 'series' | 'distributions' | 'loads'> {
    return { events: this.#events, series: this.#series, distributions: this.#distributions, loads: this.#loads };
  }
}
