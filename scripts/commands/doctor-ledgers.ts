import { deadLedgers } from '../../harness/supervisor.ts';
import type { Finding } from './doctor-finding.ts';

/** Runs that died and that nobody has cleaned up after yet. */
export function ledgerFindings(): readonly Finding[] {
  return deadLedgers().map(({ runId, path, entries }) => {
    const engines = entries.flatMap((entry) => (entry.kind === 'engine' ? [entry.address] : []));
    return {
      area: 'machine',
      level: 'warning',
      text: `run ${runId} died; what it left${engines.length === 0 ? '' : ` at ${[...new Set(engines)].join(', ')}`} is not cleaned yet`,
      fix: engines.length === 0 ? 'The next run cleans it.' : `The next run cleans it; should its engine never come back, delete ${path}.`,
    };
  });
}
