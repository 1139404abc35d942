import { describe, expect, it } from 'vitest';
import { badBodies } from './bad-input.ts';

describe('badBodies', () => {
  it('varies the field that carries the text, and leaves the others as they are', () => {
    const bodies = badBodies({ query: '${text}', mode: 'fast' });
    expect(bodies).toContainEqual({ name: 'query missing', body: { mode: 'fast' }, mustBeRefused: true });
    expect(bodies).toContainEqual({ name: 'query a number', body: { query: 42, mode: 'fast' }, mustBeRefused: false });
    expect(bodies.some(({ name }) => name.startsWith('mode'))).toBe(false);
  });

  it('finds the field however deep it is', () => {
    const bodies = badBodies({ input: { messages: [{ role: 'user', content: 'do ${text}' }] } });
    expect(bodies).toContainEqual({
      name: 'input.messages.0.content null',
      body: { input: { messages: [{ role: 'user', content: null }] } },
      mustBeRefused: true,
    });
  });

  it('tries bodies that are no object even when no field carries the text', () => {
    expect(badBodies(null).map(({ name, mustBeRefused }) => `${name} ${mustBeRefused}`)).toEqual([
      'an empty object false',
      'an array false',
      'a string false',
      'null false',
    ]);
  });
});
