import { describe, expect, it } from 'vitest';
import { requireStartOrder } from './start-all.ts';

const service = (name: string, ...dependsOn: string[]) => ({ name, dependsOn });

describe('requireStartOrder', () => {
  it('accepts dependencies in any order', () => {
    expect(() => requireStartOrder([service('web', 'api', 'db'), service('api', 'db'), service('db')])).not.toThrow();
  });

  it.each([
    ['a circle', [service('a', 'b'), service('b', 'a'), service('c')], 'a, b'],
    ['a service that waits for itself', [service('a', 'a')], 'a'],
    ['an unknown dependency', [service('a', 'nobody'), service('b', 'a')], 'a, b'],
  ])('refuses %s and names who can never start', (_, services, stuck) => {
    expect(() => requireStartOrder(services)).toThrow(`These services can never start: ${stuck};`);
  });
});
