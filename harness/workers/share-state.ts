import type { Shard, ShardFate, ShardReport, ShardSnapshot } from '../load/index.ts';
import type { ErrorData } from '../model/error-data.ts';
import type { LiveShare } from './live-total.ts';
import type { Said } from './messages.ts';

/** A worker that has said nothing for so long is lost: five beats, so that a pause of its machine is not mistaken for its end. */
export const SILENT_MS = 2_500;
/** A process needs time to come up, and at the end of a load it is busy with making its report, which may be large. */
const SILENT_AT_THE_EDGES_MS = 15_000;

/**
 * How long this process did not look (stopped in its terminal, with its machine, or busy), ms: what was said meanwhile lies unread, so
 * that nobody's silence counts.
 */
export function pauseBetween(lookedAtMs: number, nowMs: number, everyMs: number): number {
  const gapMs = nowMs - lookedAtMs;
  return gapMs > 2 * everyMs ? gapMs - everyMs : 0;
}

export type ShareStage = 'preparing' | 'ready' | 'done' | 'failed' | 'lost';

/** What the coordinator knows of one share: changed only by what is heard, and by the clock. */
export class ShareState {
  readonly shard: Shard;
  worker: string;
  stage: ShareStage = 'preparing';
  report: ShardReport | null = null;
  error: ErrorData | null = null;
  readonly #silentAtEdgesMs: number;
  #reason: string | null = null;
  #startErrorMs: number | null = null;
  #heardAtMs: number;
  #startAtMs: number | null = null;
  #endsAtMs = Number.POSITIVE_INFINITY;
  #beating = false;
  #lastElapsedMs = 0;
  #settled = 0;
  #successes = 0;
  #live: LiveShare | null = null;

  constructor(shard: Shard, nowMs: number, silentAtEdgesMs: number = SILENT_AT_THE_EDGES_MS) {
    this.shard = shard;
    this.#silentAtEdgesMs = silentAtEdgesMs;
    this.worker = `worker ${shard.index + 1} of ${shard.of}`;
    this.#heardAtMs = nowMs;
  }

  get over(): boolean {
    return this.stage === 'done' || this.stage === 'failed' || this.stage === 'lost';
  }

  /** What it did in the last second that was heard of; null: nothing yet, or it is over. */
  get live(): LiveShare | null {
    return this.over ? null : this.#live;
  }

  /** The load begins at `startAtMs`, and its last arrival is due at `endsAtMs`. */
  begins(startAtMs: number, endsAtMs: number): void {
    this.#startAtMs = startAtMs;
    this.#endsAtMs = endsAtMs;
  }

  hear(said: Said, nowMs: number): void {
    if (this.over) return;
    this.#heardAtMs = nowMs;
    if (said.kind === 'taken') this.worker = said.worker;
    else if (said.kind === 'ready') this.stage = 'ready';
    else if (said.kind === 'began') this.#startErrorMs = said.lateMs;
    else if (said.kind === 'beat') this.#beat(said.snapshots);
    else this.#end(said, nowMs);
  }

  /** Loses the share when its worker has been silent for too long; `pausedMs` of the time since the last tick do not count. */
  tick(nowMs: number, pausedMs = 0): void {
    this.#heardAtMs = Math.min(nowMs, this.#heardAtMs + pausedMs);
    const limitMs = !this.#beating || nowMs > this.#endsAtMs ? this.#silentAtEdgesMs : SILENT_MS;
    const silentMs = nowMs - this.#heardAtMs;
    if (silentMs > limitMs) this.lose(`has not been heard of for ${seconds(silentMs)}`, nowMs);
  }

  lose(reason: string, nowMs: number): void {
    if (this.over) return;
    this.#reason = `${reason}${this.#whenAndHowFar(nowMs)}`;
    this.stage = 'lost';
  }

  fate(): ShardFate {
    const { shard, worker } = this;
    const lost = this.stage === 'done' ? null : (this.error?.message ?? this.#reason ?? 'did not come to its end');
    return { index: shard.index, of: shard.of, worker, lost, startErrorMs: this.report?.firstSendErrorMs ?? this.#startErrorMs };
  }

  #beat(snapshots: readonly ShardSnapshot[]): void {
    this.#beating = true;
    for (const snapshot of snapshots) this.#saw(snapshot);
  }

  #saw(snapshot: ShardSnapshot): void {
    this.#live = { sinceMs: this.#lastElapsedMs, snapshot };
    this.#lastElapsedMs = snapshot.elapsedMs;
    this.#settled += snapshot.settled;
    this.#successes += snapshot.successes;
  }

  #end(said: Extract<Said, { kind: 'done' | 'failed' | 'lost' }>, nowMs: number): void {
    if (said.kind === 'lost') return this.lose(said.reason, nowMs);
    this.stage = said.kind;
    if (said.kind === 'done') this.report = said.report;
    else this.error = said.error;
  }

  /** The last thing heard, for whoever wants to know how much is missing. */
  #whenAndHowFar(nowMs: number): string {
    if (this.#startAtMs === null || nowMs < this.#startAtMs)
      return this.stage === 'preparing' ? ' while it got ready' : ' before the load began';
    const when = ` ${seconds(nowMs - this.#startAtMs)} into the load`;
    if (this.#live === null) return `${when}, with nothing heard of its share`;
    return `${when}; until ${seconds(this.#lastElapsedMs)} it had said ${this.#successes} good of ${this.#settled}`;
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
