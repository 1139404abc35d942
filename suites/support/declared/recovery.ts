import { RECOVERY_STREAM } from './recovery-stream.ts';
import type { CheckDeclaration } from '../../../harness/index.ts';
import { row } from './row.ts';

const suite = 'recovery';

/** What every store's rows have in common. */
interface Stopped {
  readonly store: 'postgres' | 'redis';
  readonly name: string;
}

const bound = ({ store }: Stopped): readonly string[] => [store, 'register', 'execute'];
const needs: NonNullable<CheckDeclaration['needs']> = [
  { capability: 'process-faults' },
  { capability: 'admin', of: 'postgres', when: 'register.stored' },
];

const lostWrites = (stopped: Stopped): CheckDeclaration =>
  row({
    id: `recovery.${stopped.store}_stop.lost_writes`,
    suite,
    severity: 'P0',
    claim: `every append acknowledged before, while and after ${stopped.name} was stopped is there when it is back, once`,
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: bound(stopped),
    needs,
    hint: 'Acknowledge only what is committed; an error of the store is an error of the request.',
  });

const noHang = (stopped: Stopped): CheckDeclaration =>
  row({
    id: `recovery.${stopped.store}_stop.no_hang`,
    suite,
    severity: 'P1',
    claim: `while ${stopped.name} is away no request hangs until the caller gives up`,
    kind: 'count',
    unit: 'count',
    minSamples: 20,
    requires: bound(stopped),
    needs,
    hint: 'Every call to a store needs a time limit well under the caller’s.',
  });

const healthTruthful = (stopped: Stopped): CheckDeclaration =>
  row({
    id: `recovery.${stopped.store}_stop.health_truthful`,
    suite,
    severity: 'P1',
    claim: `health says in time that ${stopped.name} is away`,
    kind: 'level',
    unit: 'ms',
    pass: '<= 5s',
    nogo: '> 5s',
    minSamples: 1,
    requires: [...bound(stopped), 'health'],
    needs,
    hint: 'Probe the dependency when asked (a short cache is fine); never remember that it was there.',
  });

const timeToSteady = (stopped: Stopped): CheckDeclaration =>
  row({
    id: `recovery.${stopped.store}_stop.time_to_steady`,
    suite,
    severity: 'P1',
    claim: `once ${stopped.name} is back requests soon succeed as before, without a restart by hand`,
    kind: 'level',
    unit: 'ms',
    pass: '<= 30s',
    nogo: '> 30s',
    minSamples: 1,
    requires: bound(stopped),
    needs,
    hint: 'Reconnect with a short capped back-off and drop dead connections from the pool.',
  });

const keepsWorking = (stopped: Stopped): CheckDeclaration =>
  row({
    id: `recovery.${stopped.store}_stop.keeps_working`,
    suite,
    severity: 'P1',
    claim: `while ${stopped.name} is away requests are still answered, with or without the cache`,
    kind: 'ratio',
    unit: '%',
    pass: '>= 95%',
    nogo: '< 90%',
    requires: bound(stopped),
    needs,
    hint: 'A cache is a help, not a condition: fall back to the local cache or to doing the work.',
  });

const POSTGRES: Stopped = { store: 'postgres', name: 'Postgres' };
const REDIS: Stopped = { store: 'redis', name: 'Redis' };
/** The claims about every store that is stopped under load. */
const CLAIMS = [lostWrites, noHang, healthTruthful, timeToSteady];

export const RECOVERY = [
  ...CLAIMS.map((claim) => claim(POSTGRES)),
  ...CLAIMS.map((claim) => claim(REDIS)),
  keepsWorking(REDIS),
  ...RECOVERY_STREAM,
];
