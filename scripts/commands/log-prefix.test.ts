import { expect, it } from 'vitest';
import { prefixes } from './log-prefix.ts';

it('puts nothing before the lines of a single service', () => {
  expect(prefixes(['web'], true)('web')).toBe('');
});

it('aligns the names of several services, each in a colour of its own', () => {
  const prefix = prefixes(['web', 'postgres'], true);

  expect([prefix('web'), prefix('postgres')]).toEqual(['\u001b[36mweb      |\u001b[39m ', '\u001b[33mpostgres |\u001b[39m ']);
});

it('is plain where colour is not wanted', () => {
  expect(prefixes(['web', 'postgres'], false)('web')).toBe('web      | ');
});
