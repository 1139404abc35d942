import type { CriterionState } from './state.ts';

/** What the supervisor tells the terminal and `--json` while a run is going on. `atMs` is since run start. */
export type ProgressEvent = { readonly atMs: number } & (
  | { readonly kind: 'service'; readonly service: string; readonly text: string }
  | { readonly kind: 'phase'; readonly suite: string; readonly index: number; readonly total: number; readonly planned: number }
  | { readonly kind: 'check-start'; readonly criterion: string }
  /** `state` is provisional: judged with what is known so far. */
  | { readonly kind: 'check-end'; readonly criterion: string; readonly state: CriterionState; readonly reason: string }
  /** `workers`: how many do it; absent when it is a suite itself. */
  | {
      readonly kind: 'load';
      readonly suite: string;
      readonly sentPerSecond: number;
      readonly p95Ms: number | null;
      readonly workers?: number;
    }
  | { readonly kind: 'fault'; readonly fault: string; readonly phase: 'injected' | 'healed'; readonly text: string }
  /** A finding or a hint for a person; `warning` is printed permanently. */
  | { readonly kind: 'note'; readonly level: 'info' | 'warning'; readonly text: string }
);
