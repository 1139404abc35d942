import { RUN_MARKER } from '../environment/index.ts';
import type { Criterion } from '../model/criterion.ts';
import type { Environment } from '../model/environment.ts';
import type { Measurement } from '../model/measurement.ts';
import type { RecordNoise } from '../model/record.ts';
import { DiskProbe, MachineReader, startSampling, type Sampler } from '../metrics/index.ts';
import { inTurn } from './in-turn.ts';
import type { Journal } from './journal.ts';
import { diskSeries, foreignSeries, noiseRecord } from './noise-record.ts';
import { needsReview, review } from './noise-review.ts';
import { appendWindow, windowOf, type MachineUse, type NoiseWindow } from './noise-windows.ts';

const EVERY_MS = 250;
/** Samples per window: a read per process ends it; or, with containers whose processes are not visible, a call to their engine each. */
const SAMPLES = 2;
const SAMPLES_WITH_CONTAINERS = 16;

type Watched = Pick<Environment, 'services' | 'reading' | 'cannot'>;

export interface NoiseGuardOptions {
  /** Gets the curve when the watch ends. */
  readonly journal: Journal;
  readonly criteria: readonly Criterion[];
}

/**
 * Watches from the time the services are there who has the processors of this machine: the run (this process and all it started), its
 * target, or others; and how long its disk takes for a small write. Where that cannot be told, because the target's processes are not known
 * here, it excuses nothing.
 */
export class NoiseGuard implements AsyncDisposable {
  readonly #options: NoiseGuardOptions;
  readonly #windows: NoiseWindow[] = [];
  readonly #latenessMs: number[] = [];
  #watch: Watch | null = null;
  #disk: DiskProbe | null = null;
  #sampler: Sampler<void> | null = null;

  constructor(options: NoiseGuardOptions) {
    this.#options = options;
  }

  /** @param directory Of the run, on the disk that is watched. */
  async start(environment: Watched, directory: string): Promise<void> {
    const reader = canTell(environment) ? MachineReader.open(RUN_MARKER) : null;
    if (reader === null) return;
    this.#disk = await DiskProbe.open(directory);
    const watch = new Watch(reader, environment);
    this.#watch = watch;
    const samples = watch.hasContainers ? SAMPLES_WITH_CONTAINERS : SAMPLES;
    let taken = 0;
    let dueMs = Number.POSITIVE_INFINITY;
    this.#sampler = startSampling({
      intervalMs: EVERY_MS,
      take: async () => {
        const startedMs = performance.now();
        this.#latenessMs.push(Math.max(0, startedMs - dueMs));
        if (taken % samples === 0) await this.#endWindow();
        else watch.look();
        this.#disk?.receive();
        taken += 1;
        dueMs = Math.max(startedMs + EVERY_MS, performance.now() + 1);
      },
      close: async () => watch.close(),
    });
  }

  /** The measurement as it may be believed; see `review`. */
  async reviewed(measurement: Measurement): Promise<Measurement> {
    const criterion = this.#options.criteria.find(({ id }) => id === measurement.criterion);
    if (criterion === undefined || !needsReview(measurement, criterion)) return measurement;
    await this.#endWindow();
    const stalls = this.#disk?.stalls ?? [];
    return review(measurement, criterion, { noise: this.#windows, stalls, runStartedAtMs: this.#options.journal.startMonotonicMs });
  }

  /** null: nobody could tell. */
  record(): RecordNoise | null {
    return noiseRecord(this.#windows, { latenessMs: this.#latenessMs, disk: this.#disk });
  }

  /** Ends the watch; what it saw stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await inTurn([async () => this.#sampler?.stop(), async () => this.#disk?.[Symbol.asyncDispose]()]);
    } finally {
      const { journal } = this.#options;
      const waits = diskSeries(this.#disk?.waits ?? [], journal.startMonotonicMs);
      for (const series of [foreignSeries(this.#windows, journal.startMonotonicMs), waits]) if (series !== null) journal.addSeries(series);
    }
  }

  async #endWindow(): Promise<void> {
    const window = await this.#watch?.window();
    if (window !== undefined && window !== null) appendWindow(this.#windows, window);
  }
}

/**
 * What the provider does not see, or a service that runs with neither processes nor a container that are known here, may be any of the
 * processes of this machine. One that the provider says does not run has none only where all of them are known.
 */
export function canTell({ services, cannot }: Pick<Watched, 'services' | 'cannot'>): boolean {
  if (cannot.processes !== undefined) return false;
  return [...services.values()].every(({ running, pid, container }) => !running || pid !== null || container !== null);
}

/** The window under way. */
class Watch {
  readonly #reader: MachineReader;
  readonly #environment: Watched;
  #samples: MachineUse[] = [];
  #startMs: number | null = null;
  #isClosed = false;
  /** CPU time of each container so far; null: one could not be read. */
  #containers: ReadonlyMap<string, number> | null = null;

  constructor(reader: MachineReader, environment: Watched) {
    this.#reader = reader;
    this.#environment = environment;
  }

  get hasContainers(): boolean {
    return this.#unseen().length > 0;
  }

  close(): void {
    this.#isClosed = true;
    this.#reader[Symbol.dispose]();
  }

  look(): void {
    const sample = this.#reader.read();
    this.#startMs ??= sample.atMs;
    this.#samples.push(sample);
  }

  /** Ends the window under way and begins the next one; null when it holds no time. */
  async window(): Promise<NoiseWindow | null> {
    const containers = await this.#readContainers();
    if (this.#isClosed) return null;
    this.look();
    const [startMs, samples] = [this.#startMs ?? 0, this.#samples];
    const treesMs = this.#reader.usedBy(this.#roots());
    const containersMs = usedBetween(this.#containers, containers);
    this.#containers = containers;
    this.#samples = [];
    this.#startMs = samples.at(-1)?.atMs ?? null;
    return windowOf(samples, { startMs, cores: this.#reader.cores, ownMs: containersMs === null ? null : treesMs + containersMs });
  }

  #roots(): readonly number[] {
    return [process.pid, ...[...this.#environment.services.values()].flatMap(({ pid }) => (pid === null ? [] : [pid]))];
  }

  /** Containers whose processes are not visible from here. */
  #unseen(): readonly string[] {
    return [...this.#environment.services.values()].flatMap(({ name, pid, container }) =>
      pid === null && container !== null ? [name] : [],
    );
  }

  async #readContainers(): Promise<ReadonlyMap<string, number> | null> {
    try {
      const read = async (name: string) => [name, (await this.#environment.reading(name))?.cpuMs ?? 0] as const;
      return new Map(await Promise.all(this.#unseen().map(read)));
    } catch {
      return null; // what the containers use is not known in this window: it excuses nothing
    }
  }
}

/** null: unknown. A container that was started anew begins at 0. */
function usedBetween(before: ReadonlyMap<string, number> | null, now: ReadonlyMap<string, number> | null): number | null {
  if (before === null || now === null) return null;
  return [...now].reduce((sum, [name, cpuMs]) => sum + Math.max(0, cpuMs - (before.get(name) ?? cpuMs)), 0);
}
