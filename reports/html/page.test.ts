import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RunRecord } from '../../harness/model/record.ts';
import { baseRecord, criterion } from '../fixtures/builders.ts';
import { recordGo } from '../fixtures/record-go.ts';
import { HOSTILE_LINES, recordNoGo } from '../fixtures/record-no-go.ts';
import { recordPartial } from '../fixtures/record-partial.ts';
import { byteLength } from '../text.ts';
import { HTML_MAX_BYTES, renderHtml } from './page.ts';

const PAGES = {
  go: renderHtml(recordGo()),
  'no-go': renderHtml(recordNoGo()),
  partial: renderHtml(recordPartial()),
  empty: renderHtml(baseRecord()),
};
const VOID = new Set(['meta', 'br']);

/** The tags of a page in order, without text; throws where an element is closed that is not open. */
function skeleton(page: string): readonly string[] {
  const open: string[] = [];
  const body = page.replace(/^<!doctype html>/u, '').replace(/<style>[^]*?<\/style>/u, '');
  const tags = [...body.matchAll(/<(\/?)([a-zA-Z0-9]+)(?:\s[^<>]*?)?(\/?)>/gu)];
  for (const [tag, closing, name = '', empty] of tags) {
    if (closing === '/') {
      const last = open.pop();
      if (last !== name) throw new Error(`${tag} closes <${last ?? 'nothing'}>`);
    } else if (empty !== '/' && !VOID.has(name)) open.push(name);
  }
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return tags.map(([, closing, name = '']) => `${closing ?? ''}${name}`);
}

function attributes(page: string, name: string): readonly string[] {
  return [...page.matchAll(new RegExp(String.raw`\s${name}="([^"]*)"`, 'gu'))].map(([, value = '']) => value);
}

/** The record with every text the target could have written replaced. */
function speaking(text: string): RunRecord {
  const record = recordNoGo();
  return {
    ...record,
    reason: text,
    target: { name: text },
    criteria: record.criteria.map((c) => ({
      ...c,
      claim: text,
      reason: text,
      hint: text,
      pass: text,
      witnesses: [{ source: text, saw: text, timeline: [{ lane: text, label: text, startMs: 1, endMs: 2, open: true }] }],
    })),
    services: record.services.map((s) => ({ ...s, version: text, logTail: [text] })),
    faults: record.faults.map((f) => ({ ...f, kind: text })),
    series: record.series.map((s) => ({ ...s, label: text })),
    distributions: record.distributions.map((d) => ({ ...d, label: text })),
    loads: record.loads.map((l) => ({
      ...l,
      label: text,
      shape: text,
      workers: l.workers.map((w) => ({ ...w, name: text, lost: text })),
      generator: { ...l.generator, reasons: [text] },
    })),
    events: record.events.map((e) => ({ ...e, text })),
    claims: [{ text, value: 1, source: text }],
    environment: { ...record.environment, facts: { [text]: text } },
    plan: [text],
  };
}

describe.each(Object.entries(PAGES))('the page of the %s record', (_, page) => {
  it('is well formed, with unique ids and links that lead somewhere', () => {
    expect(skeleton(page).length).toBeGreaterThan(50);
    const ids = attributes(page, 'id');
    expect(new Set(ids).size).toBe(ids.length);
    const targets = attributes(page, 'href');
    expect(targets.filter((target) => !target.startsWith('#') || !ids.includes(target.slice(1)))).toEqual([]);
    const named = [...attributes(page, 'aria-labelledby')].flatMap((value) => value.split(' '));
    expect(named.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('holds no script, no style attribute, no event handler and loads nothing', () => {
    const tags = page.replace(/<style>[^]*?<\/style>/u, '').match(/<[^>]*>/gu) ?? [];
    expect(tags.filter((tag) => /^<(?:script|img|link|iframe|object|embed|form)|\s(?:style|src|on\w+)=/iu.test(tag))).toEqual([]);
    expect(page).not.toMatch(/url\(|@import/iu);
  });

  it('lets in its own style sheet and nothing else', () => {
    const style = /<style>([^]*?)<\/style>/u.exec(page)?.[1] ?? '';
    const policy = attributes(page, 'content').find((value) => value.includes('default-src')) ?? '';
    expect(policy).toBe(
      `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`,
    );
  });

  it('gives every table a caption and scopes, every drawing a name or none at all, every scroll region a label and focus', () => {
    for (const [table] of page.matchAll(/<table[^]*?<\/table>/gu)) {
      expect(table).toMatch(/<caption[^>]*>[^<]/u);
      expect(table.match(/<th(?![^>]*scope=)[^>e]*>/gu)).toBeNull();
    }
    for (const [svg] of page.matchAll(/<svg[^>]*>/gu)) expect(svg).toMatch(/aria-hidden="true"|role="img" aria-labelledby=/u);
    for (const [region] of page.matchAll(/<div class="scroll"[^>]*>/gu)) expect(region).toMatch(/tabindex="0" aria-label="[^"]+"/u);
  });
});

describe('renderHtml', () => {
  it('shows the decision first: verdict in words, rule, subject, who must act', () => {
    const banner = PAGES['no-go'].slice(PAGES['no-go'].indexOf('<header'), PAGES['no-go'].indexOf('</header>'));
    for (const part of ['NO-GO', recordNoGo().reason, '2.4.1-rc.1', 'technical, architecture', 'not stated'])
      expect(banner).toContain(part);
    expect(banner).not.toContain('Partial record');
    expect(PAGES.partial).toContain('Partial record');
  });

  it('keeps the order of its parts', () => {
    const order = [
      'matrix',
      'claims',
      'suites',
      'loads',
      'timeline',
      'services',
      'logs',
      'footprint',
      'environment',
      'issues',
      'score',
      'plan',
      'overhead',
      'colophon',
    ];
    expect([...PAGES['no-go'].matchAll(/<h2 id="(\w+)"/gu)].map(([, id]) => id)).toEqual(order);
  });

  it('says that a run without criteria assessed nothing', () => {
    expect(PAGES.empty).toContain('nothing was assessed');
  });

  it.each(HOSTILE_LINES)('keeps hostile text inert wherever it stands: %j', (line) => {
    expect(skeleton(renderHtml(speaking(line)))).toEqual(skeleton(renderHtml(speaking('harmless'))));
  });

  it('leaves no control, bidirectional or invisible character', () => {
    expect(PAGES['no-go']).not.toMatch(/(?!\n)\p{Cc}|[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u);
  });

  it('stays under 2 MiB with 200 criteria of endless text, 16 long series and long logs, says that it was shortened, and still names every criterion', () => {
    const text = '<&"🚀>'.repeat(2000);
    const criteria = Array.from({ length: 200 }, (_, at) =>
      criterion({
        id: `suite.big.${at}`,
        claim: text,
        pass: text,
        reason: text,
        hint: text,
        state: 'VIOLATED',
        effect: 'block',
        witnesses: Array.from({ length: 20 }, () => ({ source: text, saw: text })),
      }),
    );
    const points = Array.from({ length: 20_000 }, (_, at) => [at, at % 97] as const);
    const series = Array.from({ length: 16 }, (_, at) => ({ id: `s${at}`, suite: 'suite', label: text, unit: `u${at}`, points }));
    const services = recordGo().services.map((s) => ({ ...s, logTail: Array<string>(5000).fill(text) }));
    const page = renderHtml({ ...recordGo(), criteria, series, services });
    expect(byteLength(page)).toBeLessThanOrEqual(HTML_MAX_BYTES);
    expect(page).toContain('Shortened to keep the page under 2 MiB');
    expect(page).toContain('id="c-suite.big.199"');
    expect(PAGES['no-go']).not.toContain('Shortened');
  });
});
