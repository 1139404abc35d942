import type { LoadClock } from './clock.ts';
import { Histogram } from './histogram.ts';
import type { ShardSnapshot } from './shard-report.ts';
import type { StopWhen } from './stop-rule.ts';
import { StopRule } from './stop-rule.ts';
import type { LiveWindow } from './types.ts';

const EVERY_MS = 500;
const TICKS_PER_SNAPSHOT = 2;

type Level = Pick<LiveWindow, 'inFlight' | 'queued'>;

export interface LiveMeterOptions {
  readonly clock: LoadClock;
  readonly startedAtMs: number;
  readonly warmupMs: number;
  readonly level: () => Level;
  readonly onWindow?: ((live: LiveWindow) => void) | undefined;
  readonly onSnapshot?: ((snapshot: ShardSnapshot) => void) | undefined;
  readonly stopWhen?: StopWhen | undefined;
  /** The stop rule says that the load has failed. */
  readonly onStop: (reason: string) => void;
}

interface Counts {
  scheduled: number;
  sent: number;
  settled: number;
  successes: number;
}

/** Tells listeners every half second and every second what happened since, and ends a load that has failed; does nothing without one. */
export class LiveMeter {
  readonly #options: LiveMeterOptions;
  readonly #isOn: boolean;
  readonly #rule: StopRule | null;
  readonly #latency = new Histogram();
  /** Of the half seconds that are over. */
  readonly #earlier = new Histogram();
  #now: Counts = noCounts();
  #before: Counts = noCounts();
  /** The latest that has passed. */
  #tick = 0;
  #snapshotTick = TICKS_PER_SNAPSHOT;
  #sinceMs = 0;
  #cancel: (() => void) | null = null;

  constructor(options: LiveMeterOptions) {
    this.#options = options;
    const { onWindow, onSnapshot, stopWhen } = options;
    this.#isOn = onWindow !== undefined || onSnapshot !== undefined || stopWhen !== undefined;
    this.#rule = stopWhen === undefined ? null : new StopRule(stopWhen, options.warmupMs);
  }

  start(): void {
    if (this.#isOn) this.#arm();
  }

  /** Hands over what has not been told yet. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#roll();
    const { scheduled, sent, settled } = this.#before;
    if (scheduled + sent + settled > 0) this.#snapshot(this.#elapsedMs());
  }

  scheduled(): void {
    this.#now.scheduled += 1;
  }

  sent(): void {
    this.#now.sent += 1;
  }

  settled(latencyMs: number, success: boolean): void {
    if (!this.#isOn) return;
    this.#now.settled += 1;
    if (success) this.#now.successes += 1;
    this.#latency.add(latencyMs);
  }

  /** Ticks are counted from the start: a late one does not move those after it. */
  #arm(): void {
    const tick = this.#tick + 1;
    this.#cancel = this.#options.clock.at(this.#options.startedAtMs + tick * EVERY_MS, () => {
      this.#tick = Math.max(tick, Math.floor(this.#elapsedMs() / EVERY_MS));
      this.#arm();
      this.#tell();
    });
  }

  #tell(): void {
    const { onWindow, onStop, level } = this.#options;
    const [fromMs, elapsedMs, counts] = [this.#sinceMs, this.#elapsedMs(), this.#now];
    onWindow?.({
      elapsedMs,
      sentPerSecond: (counts.sent * 1000) / Math.max(1, elapsedMs - fromMs),
      successes: counts.successes,
      trials: counts.settled,
      p95Ms: this.#latency.quantile(0.95),
      ...level(),
    });
    this.#roll();
    this.#sinceMs = elapsedMs;
    if (this.#tick >= this.#snapshotTick) this.#snapshot(elapsedMs);
    const reason = this.#rule?.add(fromMs, elapsedMs, counts) ?? null;
    if (reason !== null) onStop(reason);
  }

  #roll(): void {
    const { scheduled, sent, settled, successes } = this.#now;
    this.#before.scheduled += scheduled;
    this.#before.sent += sent;
    this.#before.settled += settled;
    this.#before.successes += successes;
    this.#now = noCounts();
    if (this.#options.onSnapshot !== undefined) this.#earlier.absorb(this.#latency);
    this.#latency.clear();
  }

  #snapshot(elapsedMs: number): void {
    this.#options.onSnapshot?.({ elapsedMs, ...this.#before, latency: this.#earlier.encode() });
    this.#before = noCounts();
    this.#earlier.clear();
    this.#snapshotTick = this.#tick - (this.#tick % TICKS_PER_SNAPSHOT) + TICKS_PER_SNAPSHOT;
  }

  #elapsedMs(): number {
    return this.#options.clock.nowMs() - this.#options.startedAtMs;
  }
}

function noCounts(): Counts {
  return { scheduled: 0, sent: 0, settled: 0, successes: 0 };
}
