import { describe, expect, it } from 'vitest';
import { idLike, judgeChange, judgeRead } from './crossing.ts';
import { guardOf, type TenantTable } from './guarded-tables.ts';
import { leakOf } from './interleaved.ts';

const ok = (text: string) => ({ outcome: 'ok', text }) as const;
const no = { outcome: 'rejected', text: '{"error":"not found"}' } as const;
const gone = { outcome: 'unknown', text: '' } as const;

describe('a read of what another tenant has', () => {
  it.each([
    ['is refused', { own: ok('mine'), foreign: no, unknown: no }, 'refused'],
    ['shows it', { own: ok('mine'), foreign: ok('… mine …'), unknown: no }, 'crossed'],
    ['shows it in the refusal', { own: ok('mine'), foreign: { ...no, text: 'mine is not yours' }, unknown: no }, 'crossed'],
    ['is accepted and empty, unlike an unknown id', { own: ok('mine'), foreign: ok('[]'), unknown: no }, 'crossed'],
    ['is answered as an unknown id is', { own: ok('mine'), foreign: ok('[]'), unknown: ok('[]') }, 'refused'],
    ['has no answer', { own: ok('mine'), foreign: gone, unknown: no }, 'nothing'],
    ['is accepted and empty, and nobody knows what an unknown id gets', { own: ok('mine'), foreign: ok('[]'), unknown: gone }, 'nothing'],
    ['has nothing to be compared with', { own: no, foreign: no, unknown: no }, 'nothing'],
  ] as const)('%s', (_, asked, seen) => expect(judgeRead(asked, 'mine').seen).toBe(seen));
});

describe('a change of what another tenant has', () => {
  it.each([
    ['is refused', { before: ok('mine'), foreign: no, unknown: no, after: ok('mine') }, 'refused'],
    ['takes effect, whatever was answered', { before: ok('mine'), foreign: no, unknown: no, after: ok('theirs') }, 'crossed'],
    ['removes it', { before: ok('mine'), foreign: ok(''), unknown: ok(''), after: no }, 'crossed'],
    ['is accepted without an effect that shows', { before: ok('mine'), foreign: ok(''), unknown: no, after: ok('mine') }, 'crossed'],
    ['has no answer', { before: ok('mine'), foreign: gone, unknown: no, after: ok('mine') }, 'nothing'],
  ] as const)('%s', (_, changed, seen) => expect(judgeChange(changed, 'theirs').seen).toBe(seen));
});

describe('a list while two tenants ask', () => {
  it('is right with the own in it and nothing else', () => expect(leakOf('a1 a2', ['a1', 'a2'], ['b1'])).toBeNull());
  it('leaks with one of the other in it', () => expect(leakOf('a1 a2 b1', ['a1', 'a2'], ['b1'])).toContain('"b1"'));
  it('is wrong with one of the own gone', () => expect(leakOf('a1', ['a1', 'a2'], ['b1'])).toContain('lacks 1 of the 2'));
});

it.each([
  ['17592186044416123', /^17\d{15}$/],
  ['65f1c0ffee0123456789abcd', /^65[\da-f]{22}$/],
  ['01HXABCDEFGHJKMNPQRSTVWXYZ', /^01[A-Z]{24}$/],
  ['agt_01hxabcdefghjk', /^agt_01[a-z]{12}$/],
])('keeps what is checked of an id like %s', (id, form) => expect(idLike(id)).toMatch(form));

it.each(['6f6b1c1e-0000-4000-8000-000000000001', '42', 'agent-x7'])('makes another id like %s', (id) => {
  expect(idLike(id)).not.toBe(id);
  expect(
    idLike(id)
      .replaceAll(/[a-z\d]/gi, 'x')
      .replaceAll(/x+/g, 'x'),
  ).toBe(id.replaceAll(/[a-z\d]/gi, 'x').replaceAll(/x+/g, 'x'));
});

const GUARDED: TenantTable = { name: 'notes', enabled: true, forced: true, owned: true, policies: 1, open: [] };

it.each([
  ['forced', {}, true],
  ['of somebody else, and not forced', { owned: false, forced: false }, true],
  ['the own, and not forced', { forced: false }, false],
  ['off', { enabled: false }, false],
  ['open to all', { open: ['everybody'] }, false],
  ['on without a policy', { policies: 0 }, true],
])('row security that is %s: %j guards %s', (_, change, guards) => expect(guardOf({ ...GUARDED, ...change }).ok).toBe(guards));
