import type { CheckDeclaration } from '../../../harness/index.ts';
import { GATES, row } from './row.ts';

const suite = 'database';
const stores: NonNullable<CheckDeclaration['needs']> = [
  { capability: 'admin', of: 'postgres' },
  { capability: 'admin', of: 'redis' },
];
const redis: NonNullable<CheckDeclaration['needs']> = [{ capability: 'admin', of: 'redis' }];
const requires = ['redis', 'postgres', 'stream'];

/** What became of messages that were acknowledged. */
const STREAM: readonly CheckDeclaration[] = [
  row({
    id: 'database.stream.delivery',
    suite,
    severity: 'P1',
    claim: 'acknowledged messages have their effect within five seconds',
    kind: 'ratio',
    unit: '%',
    pass: '> 99.5%',
    nogo: '< 99%',
    requires,
    needs: stores,
    dependsOn: [...GATES, 'database.stream.lost'],
    hint: 'Look for messages that are set aside or retried late; no message may wait for another to come.',
  }),
  row({
    id: 'database.stream.latency',
    suite,
    severity: 'P2',
    claim: 'a message has its effect soon after it was sent, 95 of 100 times, while many are sent',
    kind: 'quantile',
    unit: 'ms',
    pass: '< 1s',
    nogo: '>= 2s',
    minSamples: 100,
    requires,
    needs: stores,
    dependsOn: [...GATES, 'database.stream.lost'],
    hint: 'Wake the consumer when something is added (blocking XREADGROUP, a notice) and read and store in batches.',
  }),
  row({
    id: 'database.stream.trimmed',
    suite,
    severity: 'P0',
    claim: 'nothing is trimmed from the stream before it was processed, however far the consumer is behind',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires,
    needs: [{ capability: 'process-faults' }, ...stores],
    hint: 'Trim with MINID below the first entry that is not processed; refuse new messages instead of deleting old ones (no MAXLEN).',
  }),
  row({
    id: 'database.stream.duplicates',
    suite,
    severity: 'P0',
    claim: 'a message that was sent once has its effect at most once, also when Redis does not answer for a moment',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires,
    needs: [{ capability: 'process-faults' }, ...stores],
    hint: 'Give a message its id before the first try and keep it in every retry; make the effect unique by that id.',
  }),
  row({
    id: 'database.stream.order',
    suite,
    severity: 'P1',
    claim: 'messages to one agent keep the order in which they were acknowledged',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: [...requires, 'stream.order'],
    needs: stores,
    hint: 'Answer after XADD has answered, over one connection per stream; do not hold messages back to send them in bulk.',
  }),
];

/** What Redis is left with. */
const REDIS: readonly CheckDeclaration[] = [
  row({
    id: 'database.redis.ttl',
    suite,
    severity: 'P1',
    claim: 'every kept answer in Redis has an end',
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: ['redis', 'cache', 'cache.keys'],
    needs: redis,
    hint: 'Write key and time to live in one command (SET … EX); with two, a crash in between leaves a key for ever.',
  }),
  row({
    id: 'database.redis.big_keys',
    suite,
    severity: 'P2',
    claim: 'no key in Redis is so big that reading or deleting it stops all others',
    kind: 'level',
    unit: 'mb',
    pass: '< 1mb',
    nogo: '> 10mb',
    minSamples: 20,
    requires: ['redis', 'stream'],
    needs: redis,
    hint: 'Bound lists and streams when something is added, spread big values over several keys, delete with UNLINK.',
  }),
  row({
    id: 'database.redis.slow_commands',
    suite,
    severity: 'P1',
    claim: 'no command is sent to Redis that goes through all keys at once, and none takes 10 ms on average',
    kind: 'count',
    unit: 'count',
    minSamples: 100,
    requires: ['redis', 'stream'],
    needs: redis,
    hint: 'SCAN instead of KEYS, ranges with an end, a set or sorted set as index of what belongs together.',
  }),
  row({
    id: 'database.redis.clients',
    suite,
    severity: 'P1',
    claim: 'the target does not open more connections to Redis with every round of the same work',
    kind: 'level',
    unit: 'count',
    pass: '<= 2 count',
    nogo: '> 5 count',
    minSamples: 1,
    requires: ['redis', 'stream'],
    needs: redis,
    hint: 'One connection per process and purpose, made at start; close what is opened for one request in `finally`.',
  }),
];

export const DATABASE_REDIS: readonly CheckDeclaration[] = [...STREAM, ...REDIS];
