import { describe, expect, it } from 'vitest';
import { criterion } from './fixtures/builders.ts';
import { golden } from './fixtures/golden.ts';
import { recordGo } from './fixtures/record-go.ts';
import { HOSTILE_LINES, recordNoGo } from './fixtures/record-no-go.ts';
import { recordPartial } from './fixtures/record-partial.ts';
import { codeSpan, markdownText, markdownWithin } from './markdown.ts';
import { renderSummary, SUMMARY_MAX_BYTES } from './summary.ts';
import { byteLength } from './text.ts';

const LONG = '<|`_*🚀&'.repeat(400);

function bloated(count: number): ReturnType<typeof recordNoGo> {
  const record = recordNoGo();
  const criteria = Array.from({ length: count }, (_, at) =>
    criterion({
      id: `suite.${LONG}.${at}`,
      claim: LONG,
      pass: LONG,
      state: at % 3 === 0 ? 'MET' : 'VIOLATED',
      effect: at % 3 === 0 ? 'ok' : 'block',
      reason: LONG,
      hint: LONG,
      owner: `${LONG}${at}`,
      reproduce: LONG,
      blockedBy: at % 5 === 4 ? `suite.${LONG}.${at - 1}` : null,
    }),
  );
  return {
    ...record,
    criteria,
    reason: LONG,
    target: { name: LONG },
    subject: { version: LONG, commit: LONG },
    run: { ...record.run, id: LONG, profile: LONG, command: LONG },
  };
}

describe('renderSummary', () => {
  it.each([
    ['go', recordGo()],
    ['no-go', recordNoGo()],
    ['partial', recordPartial()],
  ])('writes the same bytes as before, at most 4 kB (%s)', async (name, record) => {
    const summary = renderSummary(record);
    expect(byteLength(summary)).toBeLessThanOrEqual(SUMMARY_MAX_BYTES);
    expect(summary).toBe(await golden(`${name}.summary.md`, summary));
  });

  it.each([0, 1, 2, 5, 40, 400])('stays within 4 kB with %i criteria of endless hostile text', (count) => {
    expect(byteLength(renderSummary(bloated(count)))).toBeLessThanOrEqual(4096);
  });

  it('begins with the verdict and its reason', () => {
    const [title, , reason] = renderSummary(recordNoGo()).split('\n');
    expect(title).toBe('# ✗ NO-GO: orchestrator');
    expect(reason).toBe(`**${recordNoGo().reason}**`);
  });

  it('shows the worst first and counts what was left out', () => {
    const record = recordGo();
    const many = Array.from({ length: 60 }, (_, at) =>
      criterion({ id: `a.b.${at}`, claim: 'x', pass: 'none', state: 'VIOLATED', effect: at === 59 ? 'block' : 'note', severity: 'P3' }),
    );
    const summary = renderSummary({ ...record, criteria: many });
    const shown = summary.split('\n').filter((line) => line.startsWith('- **✗ '));
    expect(shown[0]).toContain('a.b.59');
    expect(shown.length).toBeGreaterThan(5);
    expect(summary).toContain(`… and ${60 - shown.length} more findings, in index.html.`);
  });

  it('folds what a cause blocked into the cause', () => {
    const summary = renderSummary(recordNoGo());
    expect(summary).toContain('Kept 3 checks from running: websocket.mcp.crosstalk, websocket.mcp.malformed, websocket.mcp.reconnect');
    expect(summary).not.toContain('**- websocket.mcp.crosstalk**');
  });

  it('shows a blocked check by itself when its cause is not an open criterion', () => {
    const orphan = criterion({ id: 'a.b.c', claim: 'x', pass: 'none', state: 'NOT_RUN', effect: 'hold', blockedBy: 'gone.x.y' });
    expect(renderSummary({ ...recordGo(), criteria: [orphan] })).toMatch(/\*\*- a\.b\.c\*\* not run[^]*Blocked by gone\.x\.y\./u);
  });

  it('says that a record is partial', () => {
    expect(renderSummary(recordPartial())).toContain('cut short');
    expect(renderSummary(recordGo())).not.toContain('cut short');
  });
});

describe('markdownText', () => {
  it('leaves nothing that opens a tag, link, cell, code, emphasis or mention', () => {
    for (const line of HOSTILE_LINES) {
      const escaped = markdownText(line);
      expect(escaped).not.toMatch(/[<>]|(?<!\\)[`[\]|*]|@\w|:\/\/|\n/u);
    }
    expect(markdownText('a_b')).toBe('a_b');
    expect(markdownText('_a_')).toBe(String.raw`\_a\_`);
  });
});

describe('codeSpan', () => {
  it('fences with more backticks than the text holds', () => {
    expect(codeSpan('a ``` b')).toBe('````a ``` b````');
    expect(codeSpan('`a')).toBe('`` `a ``');
    expect(codeSpan('')).toBe('`  `');
  });
});

describe('markdownWithin', () => {
  it('cuts before the limit and never after it', () => {
    expect(markdownWithin('abc', 10)).toBe('abc');
    expect(byteLength(markdownWithin(LONG, 50))).toBeLessThanOrEqual(50);
    expect(markdownWithin(LONG, 50)).toMatch(/…$/u);
    expect(markdownWithin('&', 2)).toBe('');
  });
});
