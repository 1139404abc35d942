import { closeSync, openSync } from 'node:fs';
import { copyFile, open, stat, truncate } from 'node:fs/promises';
import { sanitiseLine } from './sanitise.ts';

const ROTATE_BYTES = 16 * 1024 * 1024;
const WATCH_INTERVAL_MS = 1_000;
const TAIL_BYTES = 128 * 1024;

/**
 * A service's log, written by the service itself through an inherited descriptor: it costs us nothing and goes on without us. At
 * 16 MB it is copied to `<path>.1` and emptied, so that it never fills the disk. Stop it with `close`.
 */
export class LogFile {
  readonly path: string;
  readonly #secrets: readonly string[];
  readonly #timer: NodeJS.Timeout;
  #rotation: Promise<void> = Promise.resolve();

  constructor(path: string, secrets: readonly string[]) {
    this.path = path;
    this.#secrets = secrets;
    this.#timer = setInterval(() => {
      // What fails now (a full disk) is tried again at the next look.
      this.#rotation = this.#rotation.then(() => this.rotateAbove(ROTATE_BYTES)).catch(() => undefined);
    }, WATCH_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Runs `use` with a descriptor opened for appending, which a child process may inherit. */
  withDescriptor<T>(use: (descriptor: number) => T): T {
    const descriptor = openSync(this.path, 'a', 0o600);
    try {
      return use(descriptor);
    } finally {
      closeSync(descriptor);
    }
  }

  /** Lines written since `offset` bytes, sanitised; after a rotation everything there is. */
  async tail(lines: number, offset = 0): Promise<string[]> {
    const parts = [await readEnd(this.path, offset)];
    if (offset === 0 && countLines(parts[0] ?? '') < lines) parts.unshift(await readEnd(`${this.path}.1`, 0));
    const all = parts.join('').split('\n');
    if (all.at(-1) === '') all.pop();
    return all.slice(-lines).map((line) => sanitiseLine(line, this.#secrets));
  }

  async sizeBytes(): Promise<number> {
    return (await statOrNull(this.path))?.size ?? 0;
  }

  async rotateAbove(limitBytes: number): Promise<void> {
    if ((await this.sizeBytes()) <= limitBytes) return;
    try {
      await copyFile(this.path, `${this.path}.1`);
    } finally {
      // The writer appends, so it goes on at the new end. A few lines written meanwhile are lost; a full disk would lose more.
      await truncate(this.path, 0);
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#rotation;
  }
}

async function readEnd(path: string, offset: number): Promise<string> {
  const size = (await statOrNull(path))?.size ?? 0;
  const start = Math.max(offset <= size ? offset : 0, size - TAIL_BYTES, 0);
  if (start >= size) return '';
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

async function statOrNull(path: string): Promise<{ readonly size: number } | null> {
  try {
    return await stat(path);
  } catch {
    return null; // not written yet, or already removed
  }
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
