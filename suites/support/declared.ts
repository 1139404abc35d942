import type { CheckDeclaration } from '../../harness/index.ts';
import { BENCHMARK } from './declared/benchmark.ts';
import { CONCURRENCY } from './declared/concurrency.ts';
import { DATABASE } from './declared/database.ts';
import { EFFICIENCY } from './declared/efficiency.ts';
import { LIFECYCLE } from './declared/lifecycle.ts';
import { PREFLIGHT } from './declared/preflight.ts';
import { RECOVERY } from './declared/recovery.ts';
import { WEBSOCKET } from './declared/websocket.ts';

/** The suites in the order they run: what later ones rest on comes first, what disturbs the target comes last. */
export const SUITES = ['preflight', 'lifecycle', 'websocket', 'database', 'concurrency', 'efficiency', 'benchmark', 'recovery'] as const;

/** Every check there is. A check that is not in this table cannot report; a row without a report is NOT_RUN. */
export const DECLARED: readonly CheckDeclaration[] = [
  ...PREFLIGHT,
  ...LIFECYCLE,
  ...WEBSOCKET,
  ...DATABASE,
  ...CONCURRENCY,
  ...EFFICIENCY,
  ...BENCHMARK,
  ...RECOVERY,
];
