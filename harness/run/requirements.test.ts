import { describe, expect, it } from 'vitest';
import { missingRequirements } from './requirements.ts';
import { targetFixture } from './testing.ts';

const execute = { http: { method: 'POST', path: '/x', service: 's', body: null, headers: {} }, outcome: { ok: 'success == true' } };

describe('missingRequirements', () => {
  it('is null when everything is bound', () => {
    expect(missingRequirements({ requires: ['execute', 'execute.outcome.ok'] }, targetFixture({ bindings: { execute } }))).toBeNull();
  });

  it('looks inside a binding', () => {
    expect(missingRequirements({ requires: ['execute.outcome.tokens'] }, targetFixture({ bindings: { execute } }))).toBe(
      'the target has no binding `execute.outcome.tokens`',
    );
  });

  it('treats a null store entry as missing', () => {
    expect(missingRequirements({ requires: ['stores.migrations'] }, targetFixture())).toBe('the target has no binding `stores.migrations`');
  });
});
