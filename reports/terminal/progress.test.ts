import { describe, expect, it } from 'vitest';
import type { ProgressEvent } from '../../harness/model/progress.ts';
import { HOSTILE_LINES } from '../fixtures/record-no-go.ts';
import { createProgress, type ProgressOptions } from './progress.ts';

const ESC = String.fromCodePoint(0x1b);

/** A terminal in memory that knows the few codes the live block uses, and a clock that is moved by hand. */
class Terminal {
  output = '';
  nowMs = 1000;
  ticks: (() => void)[] = [];
  readonly stream = { write: (text: string): void => void (this.output += text) };

  options(overrides: Partial<ProgressOptions> = {}): ProgressOptions {
    return {
      stream: this.stream,
      isTty: true,
      color: false,
      githubGroups: false,
      columns: () => 80,
      nowMs: () => this.nowMs,
      every: (_, tick) => {
        this.ticks.push(tick);
        return () => {
          this.ticks = this.ticks.filter((other) => other !== tick);
        };
      },
      ...overrides,
    };
  }

  pass(ms: number): void {
    this.nowMs += ms;
    for (const tick of this.ticks) tick();
  }

  /** Lines as a person sees them after everything written so far. */
  screen(): readonly string[] {
    const lines: string[] = [''];
    const codes = new RegExp(String.raw`${ESC}\[(?<code>1A|2K|\?25[lh])|(?<char>[^])`, 'gu');
    let row = 0;
    for (const { groups } of this.output.matchAll(codes)) {
      if (groups?.['code'] === '1A') row -= 1;
      else if (groups?.['code'] === '2K') lines[row] = '';
      else if (groups?.['char'] === '\n') row += 1;
      else if (groups?.['char'] !== undefined && groups['char'] !== '\r') lines[row] = `${lines[row] ?? ''}${groups['char']}`;
    }
    return lines.slice(0, row).filter((line) => line !== '');
  }
}

const PHASE: ProgressEvent = { atMs: 4000, kind: 'phase', suite: 'recovery', index: 4, total: 6, planned: 8 };
const START: ProgressEvent = { atMs: 4100, kind: 'check-start', criterion: 'recovery.postgres_stop.lost_writes' };
const LOAD: ProgressEvent = { atMs: 5000, kind: 'load', suite: 'recovery', sentPerSecond: 119.7, p95Ms: 41.3 };
const FAULT: ProgressEvent = { atMs: 6000, kind: 'fault', fault: 'postgres', phase: 'injected', text: 'stopped' };
const HEALED: ProgressEvent = { ...FAULT, atMs: 9000, phase: 'healed' };

function end(state: 'MET' | 'VIOLATED', atMs = 7000): ProgressEvent {
  return { atMs, kind: 'check-end', criterion: 'recovery.postgres_stop.lost_writes', state, reason: '3 of 911 missing' };
}

describe('createProgress on a TTY', () => {
  it('shows suite, checks, rate, p95 and the fault in force in one live block', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options({ columns: () => 120 }));
    for (const event of [PHASE, START, LOAD, FAULT]) progress.handle(event);
    terminal.pass(1500);
    expect(terminal.screen()).toEqual([
      '[   4.0 s] recovery (suite 5 of 6, 8 checks)',
      '[   7.5 s]  recovery 5/6  0 of 8 checks  recovery.postgres_stop.lost_writes  120 rps  p95 41.3 ms',
      '  fault in force for 1.5 s: postgres stopped',
    ]);
    progress.handle(HEALED);
    expect(terminal.screen().at(-1)).toMatch(/^\[ {3}9\.0 s\] {2}recovery/u);
  });

  it('leaves findings above the block, and nothing of what is met', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options());
    for (const event of [PHASE, START, end('MET'), end('VIOLATED', 8000)]) progress.handle(event);
    const screen = terminal.screen();
    expect(screen).toHaveLength(3);
    expect(screen[1]).toBe('[   8.0 s] ✗ recovery.postgres_stop.lost_writes violated: 3 of 911 missing');
    expect(screen[2]).toContain('2 of 8 checks');
  });

  it('never writes a live line that would wrap', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options({ columns: () => 40 }));
    for (const event of [PHASE, START, LOAD, FAULT]) progress.handle(event);
    for (const line of terminal.screen().slice(1)) expect(line.length).toBeLessThan(40);
  });

  it('erases the block, shows the cursor and ends its timer once, however often it is stopped', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options());
    expect(terminal.output).toBe(`${ESC}[?25l`);
    progress.handle(PHASE);
    progress.stop();
    progress.stop();
    progress.handle(START);
    expect(terminal.ticks).toEqual([]);
    expect(terminal.output.split(`${ESC}[?25h`)).toHaveLength(2);
    expect(terminal.output.endsWith(`${ESC}[?25h`)).toBe(true);
    expect(terminal.screen()).toEqual(['[   4.0 s] recovery (suite 5 of 6, 8 checks)']);
  });
});

describe('createProgress elsewhere', () => {
  it('writes plain lines without cursor codes', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options({ isTty: false }));
    const service: ProgressEvent = { atMs: 100, kind: 'service', service: 'gateway', text: 'ready after 911 ms' };
    const note: ProgressEvent = { atMs: 9500, kind: 'note', level: 'warning', text: 'load average 3.1' };
    for (const event of [service, PHASE, START, LOAD, FAULT, end('MET'), HEALED, note]) progress.handle(event);
    progress.stop();
    expect(terminal.output).toBe(
      [
        '[   0.1 s] gateway: ready after 911 ms',
        '[   4.0 s] recovery (suite 5 of 6, 8 checks)',
        '[   6.0 s] fault injected: postgres stopped',
        '[   7.0 s] ✓ recovery.postgres_stop.lost_writes met: 3 of 911 missing',
        '[   9.0 s] fault healed: postgres stopped',
        '[   9.5 s] warning: load average 3.1',
        '',
      ].join('\n'),
    );
  });

  it('says every 30 s of silence that it is alive', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options({ isTty: false }));
    for (const event of [PHASE, START]) progress.handle(event);
    const before = terminal.output;
    for (let second = 0; second < 29; second += 1) terminal.pass(1000);
    expect(terminal.output).toBe(before);
    terminal.pass(1000);
    expect(terminal.output.slice(before.length)).toBe('[  34.1 s]  recovery 5/6  0 of 8 checks  recovery.postgres_stop.lost_writes\n');
    progress.stop();
  });

  it('opens a group per suite on GitHub and closes each', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options({ isTty: false, githubGroups: true }));
    for (const event of [PHASE, end('MET'), { ...PHASE, suite: 'benchmark', index: 5 }]) progress.handle(event);
    progress.stop();
    expect(terminal.output.match(/^::(?:end)?group::/gmu)).toEqual(['::group::', '::endgroup::', '::group::', '::endgroup::']);
  });

  it('lets no text of the target start a line, move the cursor or end a group', () => {
    const terminal = new Terminal();
    const progress = createProgress(terminal.options({ isTty: false, githubGroups: true }));
    const hostile = [...HOSTILE_LINES, '\n::set-output name=x::y', '\r##[error]no'];
    for (const text of hostile) {
      progress.handle({ atMs: 1, kind: 'service', service: text, text });
      progress.handle({ atMs: 2, kind: 'note', level: 'info', text });
      progress.handle({ atMs: 3, kind: 'check-end', criterion: text, state: 'ERROR', reason: text });
      progress.handle({ ...FAULT, fault: text, text });
      progress.handle({ ...PHASE, suite: text });
    }
    progress.stop();
    expect(terminal.output).not.toMatch(/(?!\n)\p{Cc}/u);
    for (const line of terminal.output.trimEnd().split('\n')) expect(line).toMatch(/^(?:::group::)?\[ +\d+\.\d s\] |^::endgroup::$/u);
  });
});
