import { describe, expect, it } from 'vitest';
import { parseMemory, parseStat } from './proc-files.ts';

const STAT = '812 (tmux: (a) b) S 700 812 812 0 -1 4194304 5000 0 3 0 250 150 10 20 20 0 1 0 123456 9000000 600 18446744073709551615 0 0 0';

describe('parseStat', () => {
  it('reads parent, CPU time and start of a process whose name holds spaces and brackets', () => {
    expect(parseStat(STAT)).toEqual({ parent: 700, cpuMs: 4000, startTicks: 123456 });
  });

  it.each(['', '812 (gone', '812 (a) Z 1 2'])('is null for a torn line: %s', (text) => {
    expect(parseStat(text)).toBeNull();
  });
});

describe('parseMemory', () => {
  it('tells private, file-backed and shared pages apart', () => {
    const text = 'Name:\tpostgres\nVmRSS:\t   60 kB\nRssAnon:\t      10 kB\nRssFile:\t      20 kB\nRssShmem:\t      30 kB\n';
    expect(parseMemory(text)).toEqual({ anonBytes: 10_240, fileBytes: 20_480, sharedBytes: 30_720 });
  });

  it('is zero for a zombie, which has none', () => {
    expect(parseMemory('Name:\tnode\nState:\tZ (zombie)\n')).toEqual({ anonBytes: 0, fileBytes: 0, sharedBytes: 0 });
  });
});
