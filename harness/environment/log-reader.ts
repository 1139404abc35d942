import { open, stat } from 'node:fs/promises';
import { sanitiseLine } from './sanitise.ts';

const CHUNK_BYTES = 256 * 1024;

/** Where to read on in a service's log: in the file, or in what was moved to `<path>.1` when it had grown too large. */
export interface LogPosition {
  readonly rotated: boolean;
  readonly offset: number;
}

export interface LogPart {
  /** Sanitised. */
  readonly lines: readonly string[];
  readonly next: LogPosition;
  /** Nothing more is there now. */
  readonly end: boolean;
}

/** Before the first line that is still there. */
export const LOG_START: LogPosition = { rotated: true, offset: 0 };

const FILE_START: LogPosition = { rotated: false, offset: 0 };

/** After the last line that is there now. */
export async function logEnd(path: string): Promise<LogPosition> {
  return { rotated: false, offset: await sizeOf(path) };
}

/**
 * Reads whole lines on from a position, over a rotation if there was one. A line that is still being written waits for its end,
 * unless `unfinished` is asked for or it fills a whole part.
 */
export async function readLog(
  path: string,
  from: LogPosition,
  { secrets, unfinished = false }: { readonly secrets: readonly string[]; readonly unfinished?: boolean },
): Promise<LogPart> {
  if (!from.rotated && from.offset > (await sizeOf(path))) return readLog(path, { ...from, rotated: true }, { secrets, unfinished });
  const bytes = await readAt(from.rotated ? `${path}.1` : path, from.offset);
  if (bytes.length === 0) return from.rotated ? { lines: [], next: FILE_START, end: false } : { lines: [], next: from, end: true };
  const whole = bytes.lastIndexOf('\n') + 1;
  const used = whole === 0 && (unfinished || from.rotated || bytes.length >= CHUNK_BYTES) ? bytes.length : whole;
  return {
    lines: linesIn(bytes.subarray(0, used)).map((line) => sanitiseLine(line, secrets)),
    next: { ...from, offset: from.offset + used },
    end: used === 0,
  };
}

function linesIn(bytes: Buffer): readonly string[] {
  if (bytes.length === 0) return [];
  const text = bytes.toString('utf8');
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

async function readAt(path: string, offset: number): Promise<Buffer> {
  if (offset >= (await sizeOf(path))) return Buffer.alloc(0);
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0; // not written yet
    throw error;
  }
}
