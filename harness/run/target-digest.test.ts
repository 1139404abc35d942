import { expect, it } from 'vitest';
import type { Allowances } from '../model/plan.ts';
import type { Target } from '../model/target.ts';
import { digestDifferences, targetDigest, type TargetDigest } from './target-digest.ts';
import { httpServiceFixture, targetFixture } from './testing.ts';

const WEB = httpServiceFixture();

const digest = (target: Partial<Target>, allow: Partial<Allowances> = {}, code: Readonly<Record<string, string>> = {}): TargetDigest =>
  targetDigest({ target: targetFixture(target), allow: { hosts: [], faults: false, ...allow } }, code);

it('finds no difference in the same services, in whatever order the keys are', () => {
  const stack = digest({ services: [WEB] });

  expect(digestDifferences(stack, digest({ services: [{ ...WEB, env: { B: '2', A: '1' } }] }))).toEqual([]);
});

it('names every field that differs, and what only one side has', () => {
  const stack = digest({ services: [WEB, { ...WEB, name: 'old' }] });
  const wanted = digest(
    {
      services: [
        { ...WEB, command: ['node', 'other.mjs'], env: {} },
        { ...WEB, name: 'new' },
      ],
      compose: { files: ['/srv/compose.yml'], profiles: [] },
    },
    { faults: true },
  );

  expect(digestDifferences(stack, wanted)).toEqual([
    'services.web.command',
    'services.web.env',
    'services.old (only in the stack)',
    'allow.faults',
    'services.new (not in the stack)',
    'compose (not in the stack)',
  ]);
});

it('names what the services are said to be, and those whose code has changed', () => {
  const stack = digest({ services: [WEB], subject: { version: '1.0', commit: 'abc' } }, {}, { web: 'one' });

  expect(digestDifferences(stack, digest({ services: [WEB], subject: { version: '1.0', commit: 'def' } }, {}, { web: 'two' }))).toEqual([
    'services.web.code',
    'subject.commit',
  ]);
});
