import { describe, expect, it } from 'vitest';
import { decide } from './decision.ts';
import { chooseExperts, synthesisPrompt, type Definition } from './experts.ts';
import { canMove, DELEGATION_STATUSES } from './states.ts';

const ALL: readonly Definition[] = [
  { slug: 'analyst', title: 'A', capabilities: ['summarise', 'compare'] },
  { slug: 'assistant', title: 'B', capabilities: ['answer'] },
  { slug: 'librarian', title: 'C', capabilities: ['remember', 'recall'] },
  { slug: 'operator', title: 'D', capabilities: ['operate'] },
  { slug: 'researcher', title: 'E', capabilities: ['search', 'collect'] },
  { slug: 'reviewer', title: 'F', capabilities: ['review'] },
  { slug: 'second_reviewer', title: 'G', capabilities: ['review'] },
];
const BIG =
  'First analyse the costs and the data, then review the security of the production rollout, finally documents of the whole migration with a team of experts';

describe('decide', () => {
  it('answers a plain question without delegation', () => {
    expect(decide('What time is it in Miami?')).toMatchObject({ should_delegate: false, complexity: 'simple', triggers: [], domains: [] });
  });

  it('delegates what needs several experts', () => {
    expect(decide(BIG)).toMatchObject({
      should_delegate: true,
      complexity: 'strategic',
      triggers: ['explicit_request', 'multiple_domains', 'multiple_steps', 'analysis', 'high_stakes', 'large_scope'],
      domains: ['data', 'quality', 'security', 'operations', 'knowledge', 'finance'],
    });
  });

  it.each([
    ['explicit_request', 'ask the experts about this'],
    ['multiple_domains', 'the budget of the archive'],
    ['multiple_steps', 'first look, then tell me'],
    ['analysis', 'compare both of them'],
    ['high_stakes', 'is it legal for us'],
    ['large_scope', 'tell me about the entire thing'],
  ])('%s is a trigger', (trigger, text) => expect(decide(text).triggers).toEqual([trigger]));

  it('wants more than one trigger', () => expect(decide('compare both of them').should_delegate).toBe(false));
  it('delegates on two triggers', () => expect(decide('compare both, is it legal for us').should_delegate).toBe(true));
  it('is not sure of a word or two', () => expect(decide('legal comparison').should_delegate).toBe(false));
  it('says the same every time', () => expect(decide(BIG)).toEqual(decide(BIG)));
  it('keeps its figures between 0 and 1', () => {
    const { confidence, complexity_score: complexity } = decide(`${BIG} ${BIG} research quality`);
    for (const figure of [confidence, complexity]) expect(figure).toBeLessThanOrEqual(1);
  });
});

describe('chooseExperts', () => {
  it('asks six at most, and the operator first', () => {
    const chosen = chooseExperts(ALL, decide(`${BIG} with research of the archive`));
    expect(chosen).toHaveLength(6);
    expect(chosen[0]?.expert).toBe('operator');
  });

  it('asks only those who can do what is wanted', () => {
    const chosen = chooseExperts(ALL, decide('compare the budget, is it legal'));
    expect(chosen.map(({ expert }) => expert).toSorted()).toEqual(['analyst', 'assistant', 'operator', 'reviewer', 'second_reviewer']);
    expect(chosen.find(({ expert }) => expert === 'analyst')?.deliverables).toHaveLength(2);
  });

  it('asks one for an answer when it is not delegated', () => {
    expect(chooseExperts(ALL, decide('hello there, friend')).map(({ expert }) => expert)).toEqual(['assistant']);
  });
});

it('a synthesis stays within what the model takes', () => {
  const parts = ALL.map(({ slug }) => ({ expert: slug, answer: 'x'.repeat(5000) }));
  expect(synthesisPrompt('y'.repeat(3000), parts).length).toBeLessThan(8000);
});

describe('the status table', () => {
  const legal = [
    'pending in_progress',
    'pending cancelled',
    'pending timeout',
    'in_progress completed',
    'in_progress failed',
    'in_progress cancelled',
    'in_progress timeout',
  ];
  const pairs = DELEGATION_STATUSES.flatMap((from) => DELEGATION_STATUSES.map((to) => [from, to] as const));
  it.each(pairs)('%s to %s', (from, to) => expect(canMove(from, to)).toBe(legal.includes(`${from} ${to}`)));
});
