import { expect, it } from 'vitest';
import { shownAddress } from './shown-address.ts';

const SECRETS = new Set(['correct horse', 'hunter22']);

it.each([
  ['postgres://app:hunter22@db.example.com/app', 'postgres://app:[redacted]@db.example.com/app'],
  ['postgres://app:correct%20horse@db.example.com/app?sslmode=require', 'postgres://app:[redacted]@db.example.com/app?sslmode=require'],
  ['redis://:hunter22@127.0.0.1:6379/0', 'redis://:[redacted]@127.0.0.1:6379/0'],
  ['redis://:made-for-this-run@127.0.0.1:6379/0', 'redis://:made-for-this-run@127.0.0.1:6379/0'],
  ['http://127.0.0.1:8000', 'http://127.0.0.1:8000'],
])('%s is shown as %s', (address, expected) => {
  expect(shownAddress(address, SECRETS)).toBe(expected);
});
