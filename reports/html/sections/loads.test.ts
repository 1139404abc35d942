import { expect, it } from 'vitest';
import { recordGo } from '../../fixtures/record-go.ts';
import { recordNoGo } from '../../fixtures/record-no-go.ts';
import { LIMITS } from '../section.ts';
import { loads } from './loads.ts';

const [limits] = LIMITS;
const cells = (page: unknown): readonly string[] => [...String(page).matchAll(/<t[dh][^>]*>([^<]*)</gu)].map(([, text = '']) => text);

it('says what was asked for, what the warm-up cut off, and each kind of operation', () => {
  const shown = cells(loads(recordGo(), limits));
  expect(shown).toEqual(expect.arrayContaining(['1 s, 120 requests', '120 of 120 per second', '3,478 ok, 2 shed', '✓ good']));
  expect(shown.filter((text) => /: (?:execute|operation)$/u.test(text))).toHaveLength(2);
});

it('says why a generator is not believed, and which worker was lost', () => {
  const shown = cells(loads(recordNoGo(), limits)).join('\n');
  expect(shown).toContain('! event loop 91.0 % busy, more than 70.0 %');
  expect(shown).toContain('1 of 2 (host-b 812 lost: nothing heard for 3 s, last at 11.2 s)');
  expect(shown).toContain('not measured');
});

it('is left out of a run without a load', () => {
  expect(loads({ ...recordGo(), loads: [] }, limits)).toBeNull();
});
