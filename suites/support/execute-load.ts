import { randomUUID } from 'node:crypto';
import type { SuiteRun } from '../../harness/index.ts';

export interface ExecuteCall {
  readonly text: string;
  readonly agent: string;
  readonly workspace: string;
  readonly cache?: boolean;
  readonly signal?: AbortSignal;
}

/** One `execute` as a virtual agent does it, with an id of its own. */
export function executeOnce(
  run: SuiteRun,
  { text, agent, workspace, cache = true, signal }: ExecuteCall,
): ReturnType<SuiteRun['target']['execute']> {
  const op = randomUUID();
  return run.target.execute({ text, agent, workspace, op, name: op, cache }, signal === undefined ? {} : { signal });
}
