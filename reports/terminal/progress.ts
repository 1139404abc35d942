import { monotonicMs } from '../../harness/model/clock.ts';
import type { ProgressEvent } from '../../harness/model/progress.ts';
import { liveLines } from './live.ts';
import { palette } from './paint.ts';
import { permanentLine } from './permanent.ts';
import { apply, initialStatus, type Status } from './status.ts';
import { fit } from './width.ts';

export interface ProgressOptions {
  /** Where people read: stderr. */
  readonly stream: { write(text: string): unknown };
  readonly isTty: boolean;
  readonly color: boolean;
  /** Set on GitHub Actions: suites become foldable groups. Ignored on a TTY. */
  readonly githubGroups: boolean;
  /** Columns of the terminal, asked before each drawing. */
  readonly columns: () => number;
  readonly nowMs?: () => number;
  /** Calls `tick` every `intervalMs` until the returned function is called. */
  readonly every?: (intervalMs: number, tick: () => void) => () => void;
}

export interface Progress {
  /** Takes the next event; events come in the order of their `atMs`. */
  readonly handle: (event: ProgressEvent) => void;
  /** Erases the live block, shows the cursor again, ends an open group. May be called twice. */
  readonly stop: () => void;
}

const REDRAW_MS = 250;
const HEARTBEAT_MS = 30_000;
const ESC = '\u001b[';
const HIDE_CURSOR = `${ESC}?25l`;
const SHOW_CURSOR = `${ESC}?25h`;

function everyInterval(intervalMs: number, tick: () => void): () => void {
  const timer = setInterval(tick, intervalMs);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Shows a run while it is going on. On a TTY one live block is redrawn in place and findings stay above it; elsewhere
 * plain lines without cursor codes and a heartbeat after 30 s of silence. Call `stop` in every case, also on signals:
 * the cursor is hidden until then.
 */
export function createProgress(options: ProgressOptions): Progress {
  return options.isTty ? ttyProgress(options) : plainProgress(options);
}

/** The run's clock between events: the last event's time plus what has passed here since. */
function runClock(nowMs: () => number): { sync: (atMs: number) => void; elapsedMs: () => number } {
  let offset = -nowMs();
  return {
    sync: (atMs) => {
      offset = atMs - nowMs();
    },
    elapsedMs: () => nowMs() + offset,
  };
}

function ttyProgress({ stream, color, columns, nowMs = monotonicMs, every = everyInterval }: ProgressOptions): Progress {
  const paint = palette(color);
  const clock = runClock(nowMs);
  let status: Status = initialStatus();
  let drawn = 0;
  let stopped = false;
  const eraseText = (): string => (drawn === 0 ? '' : `\r${`${ESC}1A${ESC}2K`.repeat(drawn)}`);
  const draw = (permanent: string): void => {
    const width = Math.max(20, columns()) - 1;
    const lines = liveLines(status, clock.elapsedMs()).map((line) => paint.dim(fit(line, width)));
    stream.write(`${eraseText()}${permanent}${lines.map((line) => `${line}\n`).join('')}`);
    drawn = lines.length;
  };
  const cancel = every(REDRAW_MS, () => draw(''));
  stream.write(HIDE_CURSOR);
  return {
    handle: (event) => {
      if (stopped) return;
      clock.sync(event.atMs);
      status = apply(status, event);
      const line = permanentLine(event, { verbose: false, paint });
      draw(line === null ? '' : `${line}\n`);
    },
    stop: () => {
      if (stopped) return;
      stopped = true;
      cancel();
      stream.write(`${eraseText()}${SHOW_CURSOR}`);
    },
  };
}

function plainProgress({ stream, color, githubGroups, nowMs = monotonicMs, every = everyInterval }: ProgressOptions): Progress {
  const paint = palette(color);
  const clock = runClock(nowMs);
  let status: Status = initialStatus();
  let lastWriteMs = nowMs();
  let groupOpen = false;
  let stopped = false;
  const write = (text: string): void => {
    lastWriteMs = nowMs();
    stream.write(text);
  };
  const endGroup = (): void => {
    if (groupOpen) write('::endgroup::\n');
    groupOpen = false;
  };
  const cancel = every(HEARTBEAT_MS / 6, () => {
    if (nowMs() - lastWriteMs >= HEARTBEAT_MS) write(`${liveLines(status, clock.elapsedMs()).join('; ')}\n`);
  });
  return {
    handle: (event) => {
      if (stopped) return;
      clock.sync(event.atMs);
      status = apply(status, event);
      const line = permanentLine(event, { verbose: true, paint });
      if (event.kind === 'phase' && githubGroups) {
        endGroup();
        groupOpen = true;
        write(`::group::${line ?? ''}\n`);
      } else if (line !== null) {
        write(`${line}\n`);
      }
    },
    stop: () => {
      if (stopped) return;
      stopped = true;
      cancel();
      endGroup();
    },
  };
}
