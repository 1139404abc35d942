import { describe, expect, it } from 'vitest';
import { isAbandoned, segmentIn } from './shared-memory.ts';

const POSTMASTER_PID = ['24346', '/data', '1795264443', '25432', '/s', '127.0.0.1', '  2151600    196643', 'ready   ', ''].join('\n');
const HEADER = '       key      shmid perms                  size  cpid  lpid nattch   uid';
const row = (nattch: number, key = '2151600'): string =>
  `${HEADER}\n   ${key}     196643   600                    56 24346 24346      ${nattch} 65534\n`;

describe('segmentIn', () => {
  it('reads key and id', () => {
    expect(segmentIn(POSTMASTER_PID)).toEqual({ key: '2151600', id: '196643' });
  });

  it('is null for a file that was cut short', () => {
    expect(segmentIn('24346\n/data\n')).toBeNull();
  });
});

describe('isAbandoned', () => {
  const segment = { key: '2151600', id: '196643' };

  it('holds when nobody is attached', () => {
    expect(isAbandoned(segment, row(0))).toBe(true);
  });

  it('does not hold while somebody is attached', () => {
    expect(isAbandoned(segment, row(2))).toBe(false);
  });

  it('does not hold for a segment of another key under the same id', () => {
    expect(isAbandoned(segment, row(0, '99'))).toBe(false);
  });
});
