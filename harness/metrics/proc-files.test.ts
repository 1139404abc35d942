import { describe, expect, it } from 'vitest';
import { parseStat, parseStatm } from './proc-files.ts';

const STAT = '812 (tmux: (a) b) S 700 812 812 0 -1 4194304 5000 0 3 0 250 150 10 20 20 0 1 0 123456 9000000 600 18446744073709551615 0 0 0';

describe('parseStat', () => {
  it('reads parent, session, CPU time and start of a process whose name holds spaces and brackets', () => {
    expect(parseStat(Buffer.from(STAT))).toEqual({
      parent: 700,
      session: 812,
      cpuMs: 4000,
      reapedMs: 300,
      startTicks: 123456,
      isZombie: false,
    });
  });

  it.each(['', '812 (gone', '812 (a) Z 1 2'])('is null for a torn line: %s', (text) => {
    expect(parseStat(Buffer.from(text))).toBeNull();
  });
});

describe('parseStatm', () => {
  it('tells private pages from those that others may have, too', () => {
    expect(parseStatm(Buffer.from('9000 60 50 4 0 40 0\n'), 4096)).toEqual({ anonBytes: 40_960, sharedBytes: 204_800 });
  });

  it('is zero for a zombie, which has none', () => {
    expect(parseStatm(Buffer.from('0 0 0 0 0 0 0\n'), 4096)).toEqual({ anonBytes: 0, sharedBytes: 0 });
  });
});
