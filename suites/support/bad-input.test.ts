import { describe, expect, it } from 'vitest';
import { badBodies } from './bad-input.ts';

describe('badBodies', () => {
  it('varies the field that carries the text, and leaves the others as they are', () => {
    const bodies = badBodies({ query: '${text}', mode: 'fast' });
    expect(bodies).toContainEqual({ name: 'query missing', body: { mode: 'fast' } });
    expect(bodies).toContainEqual({ name: 'query a number', body: { query: 42, mode: 'fast' } });
    expect(bodies.some(({ name }) => name.startsWith('mode'))).toBe(false);
  });

  it('always tries bodies that are no object', () => {
    expect(badBodies(null).map(({ name }) => name)).toEqual(['an empty object', 'an array', 'a string', 'null']);
  });
});
