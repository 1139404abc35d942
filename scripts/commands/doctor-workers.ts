import { redactText } from '../../harness/supervisor.ts';
import type { Finding } from './doctor-finding.ts';

/** Where load comes from, in words; an address without its password. */
export function describeWorkers(workers: number | string): string {
  if (typeof workers === 'string') return `the workers that have joined ${redactText(workers, new Set())}`;
  return workers === 1 ? 'one worker of this machine' : `${workers} workers of this machine`;
}

/** Nothing for the one worker that is the default. A queue is not asked: its workers may be started right before the run. */
export function workerFindings(workers: number | string, processors: number): readonly Finding[] {
  if (workers === 1) return [];
  const text = `load comes from ${describeWorkers(workers)}`;
  if (typeof workers === 'string')
    return [{ area: 'machine', level: 'note', text, fix: 'Start `muster worker --redis …` on each of their machines before the run.' }];
  if (workers < processors) return [{ area: 'machine', level: 'ok', text, fix: null }];
  return [
    {
      area: 'machine',
      level: 'warning',
      text: `${text}, which has ${processors} processors: none is left for the target`,
      fix: 'Use fewer with --workers, or workers on other machines: muster worker.',
    },
  ];
}
