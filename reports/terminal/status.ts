import type { ProgressEvent } from '../../harness/model/progress.ts';

/** What the live block and the heartbeat show. */
export interface Status {
  readonly phase: { readonly suite: string; readonly index: number; readonly total: number; readonly planned: number } | null;
  /** Checks of the current suite that ended. */
  readonly ended: number;
  /** Checks under way, the latest last. */
  readonly running: readonly string[];
  readonly load: { readonly sentPerSecond: number; readonly p95Ms: number | null; readonly workers: number } | null;
  readonly faults: readonly { readonly fault: string; readonly text: string; readonly sinceMs: number }[];
  /** The last thing said about a service, shown until the first suite starts. */
  readonly service: string | null;
}

export function initialStatus(): Status {
  return { phase: null, ended: 0, running: [], load: null, faults: [], service: null };
}

export function apply(status: Status, event: ProgressEvent): Status {
  switch (event.kind) {
    case 'service':
      return { ...status, service: `${event.service}: ${event.text}` };
    case 'phase': {
      const { suite, index, total, planned } = event;
      return { ...status, phase: { suite, index, total, planned }, ended: 0, running: [], load: null };
    }
    case 'check-start':
      return { ...status, running: [...status.running.filter((id) => id !== event.criterion), event.criterion] };
    case 'check-end':
      return { ...status, ended: status.ended + 1, running: status.running.filter((id) => id !== event.criterion) };
    case 'load':
      return { ...status, load: { sentPerSecond: event.sentPerSecond, p95Ms: event.p95Ms, workers: event.workers ?? 1 } };
    case 'fault': {
      const others = status.faults.filter(({ fault }) => fault !== event.fault);
      return {
        ...status,
        faults: event.phase === 'healed' ? others : [...others, { fault: event.fault, text: event.text, sinceMs: event.atMs }],
      };
    }
    case 'note':
      break;
  }
  return status;
}
