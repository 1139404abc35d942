import { describe, expect, it } from 'vitest';
import type { Need } from '../model/criterion.ts';
import { missingCapabilities, type Limits } from './capabilities.ts';
import { targetFixture } from './testing.ts';

const bound = targetFixture({
  bindings: { operation: { effect: 'select 1' } as NonNullable<ReturnType<typeof targetFixture>['bindings']['operation']> },
});
const stores = (postgres: string | null, redis: string | null): Limits['stores'] => [
  { name: 'db', kind: 'postgres', adminUrl: postgres },
  { name: 'cache', kind: 'redis', adminUrl: redis },
];
const missing = (needs: readonly Need[], limits: Partial<Limits> = {}, target = bound): string | null =>
  missingCapabilities({ needs }, target, { cannot: {}, stores: stores('x', 'y'), ...limits });

describe('missingCapabilities', () => {
  it('is null when nothing is needed, and when everything needed can be done', () => {
    expect(missingCapabilities({}, bound, { cannot: { logs: 'No logs.' }, stores: [] })).toBeNull();
    expect(missing([{ capability: 'logs' }, { capability: 'admin' }])).toBeNull();
  });

  it("gives the provider's own sentences", () => {
    const cannot = { 'process-faults': 'Nothing can be stopped.', logs: 'No logs.' };
    expect(missing([{ capability: 'process-faults' }, { capability: 'logs' }], { cannot })).toBe('Nothing can be stopped. No logs.');
  });

  it('asks for no address where that would not help', () => {
    const limits = { cannot: { 'address-proof': 'Nobody can say.' }, stores: stores(null, null) };
    expect(missing([{ capability: 'admin' }, { capability: 'address-proof' }], limits)).toBe('Nobody can say.');
  });

  it('asks for the way into the store that is meant, not for another one', () => {
    const limits = { stores: stores('x', null) };
    expect(missing([{ capability: 'admin', of: 'postgres' }], limits)).toBeNull();
    expect(missing([{ capability: 'admin', of: 'redis' }], limits)).toBe(
      'There is no `adminUrl` for "cache", a way in beside the service\'s own role.',
    );
  });

  it('without a kind means every store', () => {
    expect(missing([{ capability: 'admin' }], { stores: stores(null, null) })).toMatch(/"db".*"cache"/u);
  });

  it('says why a way in that was given is none', () => {
    const limits = { cannot: { 'admin:cache': 'The `adminUrl` of "cache" does not lead in.' }, stores: stores('x', null) };
    expect(missing([{ capability: 'admin', of: 'redis' }], limits)).toBe('The `adminUrl` of "cache" does not lead in.');
  });

  it('needs nothing for what is not bound', () => {
    const need: Need = { capability: 'admin', of: 'postgres', when: 'operation.effect' };
    expect(missing([need], { stores: stores(null, 'y') }, targetFixture())).toBeNull();
    expect(missing([need], { stores: stores(null, 'y') })).toContain('"db"');
  });
});
