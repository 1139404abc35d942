import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { monotonicMs } from '../model/clock.ts';
import { appendStall, isStall, waitOf, type DiskStall, type DiskWrite } from './disk-stalls.ts';
import { ProcFile } from './proc-files.ts';

/** One small write, seen to its end. */
interface DiskWait {
  /** CLOCK_MONOTONIC, when it was on the disk. */
  readonly atMs: number;
  readonly waitMs: number;
}

const EVERY_MS = 100;

/**
 * Writes 4 KiB every 100 ms and sees how long the disk takes for them: what waits for it, a commit above all, waits as long. It does so in a
 * thread of its own, where nothing but the disk and the scheduler can hold it up, and what the scheduler did is known. Close it.
 */
export class DiskProbe implements AsyncDisposable {
  readonly #thread: Worker;
  readonly #port: MessagePort;
  readonly #underWay: Float64Array;
  readonly #statistics: Statistics;
  readonly #waits: DiskWait[] = [];
  readonly #stalls: DiskStall[] = [];

  private constructor(statistics: Statistics, path: string) {
    const { port1, port2 } = new MessageChannel();
    const shared = new SharedArrayBuffer(24);
    const workerData: Task = { path, port: port2, shared, everyMs: EVERY_MS, line: statistics.line.source };
    this.#statistics = statistics;
    this.#port = port1;
    this.#underWay = new Float64Array(shared, 8, 2);
    this.#thread = new Worker(`(${probe.toString()})()`, { eval: true, workerData, transferList: [port2] });
    // A disk that is full, say: what was seen until then stays.
    this.#thread.on('error', () => this.#underWay.fill(0));
    this.#thread.unref();
  }

  /**
   * On the disk of `directory`. null where it cannot be told what is written to that: a file system in memory or over several devices, or a
   * system without /proc.
   */
  static async open(directory: string): Promise<DiskProbe | null> {
    const statistics = Statistics.open((await stat(directory)).dev);
    return statistics === null ? null : new DiskProbe(statistics, join(directory, 'disk-probe'));
  }

  /** In time order. */
  get waits(): readonly DiskWait[] {
    return this.#waits;
  }

  /** In time order, and with the one that may be under way. */
  get stalls(): readonly DiskStall[] {
    this.receive();
    const [startMs = 0, writtenBefore = 0] = this.#underWay;
    if (startMs === 0) return this.#stalls;
    const writtenBytes = (this.#statistics.written() ?? Number.POSITIVE_INFINITY) - writtenBefore;
    const now = { startMs, endMs: monotonicMs(), unscheduledMs: 0, writtenBytes };
    return isStall(now) ? [...this.#stalls, now] : this.#stalls;
  }

  /** Takes over what the thread has seen since; call it now and then, or it is kept waiting. */
  receive(): void {
    for (let next = receiveMessageOnPort(this.#port); next !== undefined; next = receiveMessageOnPort(this.#port)) {
      const write = next.message as DiskWrite;
      this.#waits.push({ atMs: write.endMs, waitMs: waitOf(write) });
      if (isStall(write)) appendStall(this.#stalls, write);
    }
  }

  /** What was seen stays. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
    this.receive();
    this.#underWay.fill(0);
    this.#port.close();
    this.#statistics[Symbol.dispose]();
  }
}

/** Of /proc/diskstats, whatever the device has. */
const SECTOR_BYTES = 512;

/** What everybody together writes to a device. */
class Statistics implements Disposable {
  /** proc(5), /proc/diskstats: `major minor name`, then reads, merged, sectors, ms, writes, merged, *sectors* … */
  readonly line: RegExp;
  readonly #file: ProcFile;

  private constructor(file: ProcFile, line: RegExp) {
    this.#file = file;
    this.line = line;
  }

  static open(dev: number): Statistics | null {
    const file = ProcFile.open('/proc/diskstats');
    if (file === null) return null;
    const { major, minor } = deviceOf(dev);
    const statistics = new Statistics(file, new RegExp(`^ *${major} +${minor} \\S+(?: \\d+){6} (\\d+)`, 'mu'));
    if (statistics.written() !== null) return statistics;
    file[Symbol.dispose]();
    return null;
  }

  /** Bytes so far. */
  written(): number | null {
    const sectors = this.line.exec(this.#file.read()?.toString('latin1') ?? '')?.[1];
    return sectors === undefined ? null : Number(sectors) * SECTOR_BYTES;
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}

/** makedev(3), as Linux packs both into 64 bits. */
export function deviceOf(dev: number): { readonly major: number; readonly minor: number } {
  const bits = BigInt(dev);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xffffff00n)),
  };
}

interface Task {
  readonly path: string;
  readonly port: MessagePort;
  readonly shared: SharedArrayBuffer;
  readonly everyMs: number;
  readonly line: string;
}

/** The thread's program, sent over as text: it can use nothing from outside of it. */
function probe(): void {
  const fs = process.getBuiltinModule('node:fs');
  const { path, port, shared, everyMs, line } = process.getBuiltinModule('node:worker_threads').workerData as Task;
  const never = new Int32Array(shared, 0, 1);
  const underWay = new Float64Array(shared, 8, 2);
  const pattern = new RegExp(line, 'mu');
  const text = Buffer.alloc(64 * 1024);
  const reader = (name: string): (() => string) => {
    const opened = fs.openSync(name, 'r');
    return () => text.toString('latin1', 0, fs.readSync(opened, text, 0, text.length, 0));
  };
  const statistics = reader('/proc/diskstats');
  // Where the kernel does not count it this thread ends here: what a wait was for cannot be told then.
  const schedule = reader('/proc/thread-self/schedstat');
  const counts = (): readonly [written: number, unscheduledMs: number] => [
    Number(pattern.exec(statistics())?.[1]) * 512,
    Number(schedule().split(' ')[1]) / 1e6,
  ];
  const nowMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;
  const block = new Uint8Array(4096).fill(1);
  const file = fs.openSync(path, 'w', 0o600);
  // Whatever ends this process, nothing is left.
  fs.unlinkSync(path);
  const write = (): void => {
    fs.writeSync(file, block, 0, block.length, 0);
    fs.fdatasyncSync(file);
  };
  // From now on the block has its place: overwriting it changes nothing in the file system.
  write();
  for (let before = counts(); ; ) {
    const startMs = nowMs();
    underWay.set([startMs, before[0]]);
    write();
    const endMs = nowMs();
    underWay.fill(0);
    // What came between two writes is in it too, which makes either greater and excuses the less.
    const after = counts();
    port.postMessage({ startMs, endMs, writtenBytes: after[0] - before[0], unscheduledMs: after[1] - before[1] });
    before = after;
    Atomics.wait(never, 0, 0, everyMs);
  }
}
