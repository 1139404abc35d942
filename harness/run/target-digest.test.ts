import { expect, it } from 'vitest';
import type { Allowances } from '../model/plan.ts';
import type { HttpService, Target } from '../model/target.ts';
import { digestDifferences, targetDigest, type TargetDigest } from './target-digest.ts';
import { targetFixture } from './testing.ts';

const WEB: HttpService = {
  name: 'web',
  kind: 'http',
  critical: true,
  dependsOn: [],
  image: null,
  composeService: null,
  resources: { memoryBytes: null, cpus: null },
  url: null,
  build: null,
  containerCommand: null,
  containerPort: null,
  command: ['node', 'web.mjs'],
  cwd: '/srv',
  port: null,
  env: { A: '1', B: '2' },
  health: null,
  ready: { path: '/', expect: {}, withinMs: 1_000 },
};

const digest = (target: Partial<Target>, allow: Partial<Allowances> = {}): TargetDigest =>
  targetDigest({ target: targetFixture(target), allow: { hosts: [], faults: false, ...allow } });

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
