import { describe, expect, it } from 'vitest';
import type { ExecuteBinding } from '../model/target.ts';
import { readStages } from './stages.ts';

const http = { method: 'POST', path: '/run', service: 'api', body: null, headers: {} };
const binding: ExecuteBinding = {
  http,
  outcome: {
    ok: 'done == yes',
    stages: {
      match: { ms: 'took.match', text: null },
      infrastructure: { ms: 'took.infra', text: null },
      hybrid: { ms: 'took.all', text: 'both ${text}' },
    },
  },
};
const answer = { took: { match: 2, infra: 30, all: 41 } };

describe('the times an answer tells of itself', () => {
  it('are its parts, which add up', () => {
    expect(readStages(binding, answer, null)).toEqual({ ms: { match: 2, infrastructure: 30 }, missing: [], claimedMs: 32 });
  });

  it('include the whole when that kind of execution was asked for', () => {
    expect(readStages(binding, answer, 'hybrid')).toEqual({
      ms: { match: 2, infrastructure: 30, hybrid: 41 },
      missing: [],
      claimedMs: 41,
    });
  });

  it('are missing when they are no numbers, or below zero', () => {
    expect(readStages(binding, { took: { match: '2', infra: -1 } }, null)).toEqual({
      ms: {},
      missing: ['match', 'infrastructure'],
      claimedMs: 0,
    });
    expect(readStages({ http, outcome: { ok: 'x' } }, answer, null)).toEqual({ ms: {}, missing: [], claimedMs: 0 });
  });
});
