import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'recovery';

/** The same five claims per store that is stopped under load. */
function stopped(store: 'postgres' | 'redis', name: string): readonly CheckDeclaration[] {
  const requires = [store, 'register', 'execute'];
  return [
    row({
      id: `recovery.${store}_stop.lost_writes`,
      suite,
      severity: 'P0',
      claim: `every append acknowledged before, while and after ${name} was stopped is there when it is back, once`,
      kind: 'count',
      unit: 'count',
      minSamples: 59,
      requires,
      hint: 'Acknowledge only what is committed; an error of the store is an error of the request.',
    }),
    row({
      id: `recovery.${store}_stop.no_hang`,
      suite,
      severity: 'P1',
      claim: `while ${name} is away no request hangs until the caller gives up`,
      kind: 'count',
      unit: 'count',
      minSamples: 20,
      requires,
      hint: 'Every call to a store needs a time limit well under the caller’s.',
    }),
    row({
      id: `recovery.${store}_stop.health_truthful`,
      suite,
      severity: 'P1',
      claim: `health says so within 5 s of ${name} going away`,
      kind: 'level',
      unit: 'ms',
      pass: '<= 5s',
      nogo: '> 5s',
      minSamples: 1,
      requires: [store, 'health', 'register', 'execute'],
      hint: 'Probe the dependency when asked (a short cache is fine); never remember that it was there.',
    }),
    row({
      id: `recovery.${store}_stop.time_to_steady`,
      suite,
      severity: 'P1',
      claim: `within 30 s of ${name} being back, requests succeed as before, without a restart by hand`,
      kind: 'level',
      unit: 'ms',
      pass: '<= 30s',
      nogo: '> 30s',
      minSamples: 1,
      requires,
      hint: 'Reconnect with a short capped back-off and drop dead connections from the pool.',
    }),
  ];
}

export const RECOVERY = [
  ...stopped('postgres', 'Postgres'),
  ...stopped('redis', 'Redis'),
  row({
    id: 'recovery.redis_stop.keeps_working',
    suite,
    severity: 'P1',
    claim: 'while Redis is away requests are still answered, with or without the cache',
    kind: 'ratio',
    unit: '%',
    pass: '>= 95%',
    nogo: '< 90%',
    requires: ['redis', 'execute', 'register'],
    hint: 'A cache is a help, not a condition: fall back to the local cache or to doing the work.',
  }),
];
