import { describe, expect, it } from 'vitest';
import { criterion } from '../fixtures/builders.ts';
import { recordGo } from '../fixtures/record-go.ts';
import { HOSTILE_LINES, recordNoGo } from '../fixtures/record-no-go.ts';
import { recordPartial } from '../fixtures/record-partial.ts';
import { renderMatrix } from './matrix.ts';
import { displayWidth } from './width.ts';

const ESC = String.fromCodePoint(0x1b);
const RECORDS = [recordGo(), recordNoGo(), recordPartial()];

describe('renderMatrix', () => {
  it.each([20, 40, 71, 72, 80, 110, 200])('keeps every line within %i columns', (width) => {
    for (const record of RECORDS) {
      const lines = renderMatrix(record, { color: false, width }).split('\n').slice(0, -2);
      expect(Math.max(...lines.map(displayWidth))).toBeLessThanOrEqual(width);
    }
  });

  it('draws a box whose sides are straight', () => {
    const box = renderMatrix(recordNoGo(), { color: false, width: 100 })
      .split('\n')
      .filter((line) => /^[┌│├└]/u.test(line));
    expect(box.length).toBe(recordNoGo().criteria.length + 4);
    expect(new Set(box.map(displayWidth)).size).toBe(1);
  });

  it('says the state with sign and word, also without colour', () => {
    const text = renderMatrix(recordNoGo(), { color: false, width: 120 });
    for (const words of [
      '✓ met',
      '✗ violated',
      '~ marginal',
      '? insufficient',
      '? inconclusive',
      '! error',
      '- not run',
      '· not applicable',
    ]) {
      expect(text).toContain(words);
    }
    expect(text).not.toContain(ESC);
  });

  it('puts root causes first and ends with verdict, reason, report path and counts', () => {
    const lines = renderMatrix(recordNoGo(), { color: false, width: 120, reportPath: 'muster-report/index.html' }).split('\n');
    expect(lines.slice(0, 2)).toEqual(['Root causes', '  websocket.mcp.handshake kept 3 checks from running']);
    const verdict = lines.indexOf('✗ NO-GO');
    expect(lines[verdict + 1]).toBe(recordNoGo().reason);
    expect(lines.slice(-3)).toEqual([
      'Report: muster-report/index.html',
      '5 met, 1 marginal, 3 violated, 1 inconclusive, 1 insufficient, 1 error, 3 not run, 1 not applicable',
      '',
    ]);
  });

  it('colours when told to, and only with its own codes', () => {
    const hostile = HOSTILE_LINES.join(' ');
    const record = {
      ...recordNoGo(),
      reason: hostile,
      criteria: [criterion({ id: `a.${hostile}`, claim: hostile, pass: hostile, reason: hostile })],
    };
    const colored = renderMatrix(record, { color: true, width: 100 });
    expect(colored).toContain(`${ESC}[31m`);
    expect(colored.replaceAll(new RegExp(String.raw`${ESC}\[\d+m`, 'gu'), '')).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  it('says that nothing was declared instead of drawing an empty box', () => {
    const text = renderMatrix({ ...recordGo(), criteria: [], verdict: 'NOT_ASSESSED' }, { color: false, width: 100 });
    expect(text).not.toContain('┌');
    expect(text).toMatch(/\? NOT ASSESSED[^]*0 met, 0 violated\n$/u);
  });

  it('groups what was not run by its reason, and leaves it out of the matrix when it is much', () => {
    const [first] = recordGo().criteria;
    if (first === undefined) throw new Error('the fixture has no criterion');
    const criteria = Array.from({ length: 20 }, (_, index) => ({
      ...first,
      id: `suite.subject.n${index}`,
      state: index < 15 ? ('NOT_RUN' as const) : ('MET' as const),
      reason: 'not selected for this run',
    }));
    const text = renderMatrix({ ...recordGo(), criteria }, { color: false, width: 120 });

    expect(text).toContain('15 checks: not selected for this run (suite.subject.n0, suite.subject.n1');
    expect(text.split('\n').filter((line) => line.startsWith('│') && line.includes('suite.subject.'))).toHaveLength(5);
  });
});
