import { describe, expect, it } from 'vitest';
import type { RecordCriterion } from '../harness/model/record.ts';
import { CRITERION_STATES } from '../harness/model/state.ts';
import { baseRecord, criterion } from './fixtures/builders.ts';
import { golden } from './fixtures/golden.ts';
import { junitViolations } from './fixtures/junit-rules.ts';
import { recordGo } from './fixtures/record-go.ts';
import { HOSTILE_LINES, recordNoGo } from './fixtures/record-no-go.ts';
import { recordPartial } from './fixtures/record-partial.ts';
import { renderJunit } from './junit.ts';

function caseOf(xml: string, name: string): string {
  const start = xml.indexOf(`<testcase name="${name}"`);
  expect(start).toBeGreaterThan(0);
  return xml.slice(start, xml.indexOf('</testcase>', start));
}

function withCriteria(...criteria: readonly RecordCriterion[]): string {
  return renderJunit({ ...baseRecord(), criteria });
}

describe('renderJunit', () => {
  it.each([
    ['go', recordGo()],
    ['no-go', recordNoGo()],
    ['partial', recordPartial()],
  ])('writes what junit-10.xsd allows, the same bytes as before (%s)', async (name, record) => {
    const xml = renderJunit(record);
    expect(junitViolations(xml)).toEqual([]);
    expect(xml).toBe(await golden(`${name}.junit.xml`, xml));
  });

  it.each([
    ['MET', 'system-out'],
    ['MARGINAL', 'system-out'],
    ['VIOLATED', 'failure'],
    ['INCONCLUSIVE', 'error'],
    ['INSUFFICIENT', 'error'],
    ['ERROR', 'error'],
    ['NOT_RUN', 'error'],
    ['NOT_APPLICABLE', 'skipped'],
  ] as const)('reports %s as %s and as nothing else', (state, element) => {
    const testcase = caseOf(withCriteria(criterion({ id: 'a.b.c', claim: 'x', pass: 'none', state })), 'a.b.c');
    const elements = ['failure', 'error', 'skipped', 'system-out'].filter((name) => testcase.includes(`<${name}`));
    expect(elements).toEqual([element]);
  });

  it('says MARGINAL in the output of the passing case and in the properties of its suite', () => {
    const xml = withCriteria(criterion({ id: 'a.b.c', claim: 'x', pass: 'none', state: 'MARGINAL', reason: 'near the bound' }));
    expect(caseOf(xml, 'a.b.c')).toContain('marginal: near the bound');
    expect(xml).toContain('<property name="state.a.b.c" value="MARGINAL"/>');
  });

  it.each(['CONDITIONAL', 'NO_GO', 'NOT_ASSESSED'] as const)('fails the case "verdict" for %s', (verdict) => {
    expect(caseOf(renderJunit({ ...recordGo(), verdict }), 'verdict')).toContain('<failure');
  });

  it('passes the case "verdict" for GO, and fails it when the exit code says that Muster itself failed', () => {
    expect(caseOf(renderJunit(recordGo()), 'verdict')).not.toContain('<failure');
    expect(caseOf(renderJunit({ ...recordGo(), exitCode: 70 }), 'verdict')).toContain('<failure');
  });

  it('counts tests, failures, errors and skipped as they are', () => {
    const criteria = CRITERION_STATES.map((state) => criterion({ id: `a.b.${state}`, claim: 'x', pass: 'none', state }));
    const xml = renderJunit({ ...baseRecord(), verdict: 'NO_GO', criteria });
    expect(xml).toContain('<testsuites name="muster" tests="9" failures="2" errors="4"');
    expect(xml).toContain('<testsuite name="muster.a" tests="8" failures="1" errors="4" skipped="1"');
  });

  it.each(HOSTILE_LINES)('stays well formed with hostile text in every field: %j', (line) => {
    const hostile = criterion({
      id: `a.${line}`,
      suite: line,
      claim: line,
      pass: line,
      nogo: line,
      state: 'NOT_RUN',
      reason: line,
      owner: line,
      hint: line,
      blockedBy: line,
      reproduce: line,
      witnesses: [{ source: line, saw: line }],
    });
    const record = { ...recordGo(), reason: line, criteria: [hostile], run: { ...recordGo().run, id: line, command: line } };
    expect(junitViolations(renderJunit(record))).toEqual([]);
  });
});

describe('junitViolations', () => {
  const document = (inner: string): string => `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>${inner}</testsuites>\n`;
  const suite = (inner: string): string => document(`<testsuite name="s" tests="1" failures="0" errors="0">${inner}</testsuite>`);

  it.each([
    ['properties on a testcase', suite('<testcase name="a"><properties/></testcase>'), 'properties in testcase'],
    ['file on a testcase', suite('<testcase name="a" file="x"/>'), 'testcase with file'],
    ['a time with too many decimals', suite('<testcase name="a" time="0.12345"/>'), 'testcase with time 0.12345'],
    ['a suite without counts', document('<testsuite name="s"/>'), 'testsuite without tests'],
    ['an unclosed element', '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>', 'ends inside testsuites'],
    ['a bare ampersand', suite('<system-out>a & b</system-out>'), 'unescaped text in system-out'],
    ['a control character', suite(`<system-out>${String.fromCodePoint(1)}</system-out>`), 'characters that XML does not allow'],
  ])('refuses %s', (_, xml, violation) => {
    expect(junitViolations(xml)).toContain(violation);
  });
});
