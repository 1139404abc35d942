import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'lifecycle';

export const LIFECYCLE_API: readonly CheckDeclaration[] = [
  row({
    id: 'lifecycle.api.no_5xx',
    suite,
    severity: 'P1',
    claim: 'no request that the OpenAPI document leads to, right or spoiled, ends in a 5xx or without an answer',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['openapi'],
    hint: 'Validate before the input is used; the line for a shell that is named is the smallest request that shows it.',
  }),
  row({
    id: 'lifecycle.api.schema',
    suite,
    severity: 'P2',
    claim: 'every answer is of a status, a media type and a schema that the OpenAPI document names for it',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['openapi'],
    hint: 'Make document and answer from one source, or correct the one that is wrong; the property that differs is named.',
  }),
  row({
    id: 'lifecycle.api.methods',
    suite,
    severity: 'P2',
    claim: 'methods that the OpenAPI document does not name for a path are refused',
    kind: 'count',
    unit: 'count',
    minSamples: 1,
    requires: ['openapi'],
    hint: 'Register routes with their method and answer 405 to the others, or describe what is there.',
  }),
  row({
    id: 'lifecycle.api.refused',
    suite,
    severity: 'P1',
    claim: 'a request whose body is refused leaves nothing behind: the same path reads as before',
    kind: 'count',
    unit: 'count',
    minSamples: 1,
    requires: ['openapi'],
    hint: 'Validate everything before the first write, or write in one transaction that the refusal rolls back.',
  }),
  row({
    id: 'lifecycle.api.auth',
    suite,
    severity: 'P0',
    claim: 'every operation that declares security refuses a caller without credentials, and one with wrong ones',
    kind: 'count',
    unit: 'count',
    minSamples: 2,
    requires: ['openapi'],
    owner: 'security',
    hint: 'Put the guard around all routes and name the open ones, not the other way round.',
  }),
];
