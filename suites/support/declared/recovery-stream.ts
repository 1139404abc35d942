import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'recovery';
const needs: NonNullable<CheckDeclaration['needs']> = [
  { capability: 'process-faults' },
  { capability: 'admin', of: 'postgres' },
  { capability: 'admin', of: 'redis' },
];
const requires = ['redis', 'postgres', 'stream', 'stream.consumers'];

export const RECOVERY_STREAM: readonly CheckDeclaration[] = [
  row({
    id: 'recovery.consumer_kill.lost',
    suite,
    severity: 'P0',
    claim: 'what a consumer had read when it was killed is processed all the same, each time',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires,
    needs,
    hint: 'Acknowledge (XACK) after the work is committed, never read with NOACK, and trim only what was processed.',
  }),
  row({
    id: 'recovery.consumer_kill.pending',
    suite,
    severity: 'P1',
    claim: 'what a killed consumer left pending is taken over and worked off',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires,
    needs,
    hint: 'Claim what was idle for too long (XAUTOCLAIM) from any consumer, also from those that are gone; `stream.settles` says how long that takes.',
  }),
  row({
    id: 'recovery.dead_letters.kept',
    suite,
    severity: 'P1',
    claim: 'a message that can never be processed is kept among the dead letters and holds up no other',
    kind: 'boolean',
    minSamples: 2,
    requires: [...requires, 'stream.poison', 'stream.deadLetters'],
    needs,
    hint: 'Count the tries of each message; after the last move it to the dead letters in one step with its acknowledgement.',
  }),
];
