import { test } from 'vitest';
import { messageOf } from '../model/errors.ts';
import type { EvidenceClass, Observation, Witness } from '../model/measurement.ts';
import { MissingBinding } from '../target/index.ts';
import type { SupervisorApi } from './protocol.ts';
import { NotMeasured, sharedClient, suiteRun, type SuiteRun } from './suite-run.ts';
import { workerLink } from './worker-link.ts';

/** Default limit of one check; a check that needs longer says so. */
const DEFAULT_LIMIT_MS = 60_000;

/** What a check found out about its claim. */
export interface Observed {
  readonly observation: Observation;
  /** `measured` unless said otherwise. */
  readonly evidence?: EvidenceClass;
  readonly witnesses?: readonly Witness[];
  /** A sentence when a self-check proved that the harness spoiled this measurement; the criterion becomes ERROR. */
  readonly harnessFault?: string | null;
  /** When the evidence was collected by a shared scenario: its window in ms since run start. */
  readonly window?: { readonly startMs: number; readonly endMs: number };
}

export interface CheckOptions {
  /** The check is NOT_RUN when it has not finished by then. */
  readonly limitMs?: number;
}

/**
 * Declares one check: one claim, one id, the same id whatever happens. The body returns what it observed; it
 * never judges. Throwing `NotMeasured` (or using something the target does not bind) makes the criterion NOT_RUN;
 * any other exception is a defect of the check itself and makes it ERROR.
 */
export function check(id: string, body: (run: SuiteRun) => Promise<Observed>, options: CheckOptions = {}): void {
  const limitMs = options.limitMs ?? DEFAULT_LIMIT_MS;
  test(id, { timeout: limitMs + 30_000 }, async ({ signal }) => {
    const link = await workerLink();
    const { briefing, supervisor } = link;
    if (!briefing.knownIds.includes(id)) throw new Error(`check "${id}" is not in the table of declared checks`); // invariant: one row per check
    if (!briefing.criteria.some((criterion) => criterion.id === id)) return;
    if (!(await supervisor.checkStarted(id)).run) return;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
    const run = suiteRun(link, sharedClient(link), deadline);
    await settle({ id, supervisor, run, body, deadline, limitMs });
    await link.footprint.flush();
  });
}

interface Settling {
  readonly id: string;
  readonly supervisor: SupervisorApi;
  readonly run: SuiteRun;
  readonly body: (run: SuiteRun) => Promise<Observed>;
  readonly deadline: AbortSignal;
  readonly limitMs: number;
}

async function settle({ id, supervisor, run, body, deadline, limitMs }: Settling): Promise<void> {
  const startMs = run.now();
  try {
    const observed = await untilAborted(body(run), deadline, limitMs);
    await supervisor.measured({
      criterion: id,
      observation: observed.observation,
      evidence: observed.evidence ?? 'measured',
      witnesses: observed.witnesses ?? [],
      window: observed.window ?? { startMs, endMs: run.now() },
      harnessFault: observed.harnessFault ?? null,
    });
  } catch (error) {
    await supervisor.absent({ criterion: id, blockedBy: null, ...absenceFor(error) });
  }
}

function absenceFor(error: unknown): { readonly kind: 'not-run' | 'error'; readonly reason: string } {
  if (error instanceof NotMeasured || error instanceof MissingBinding) return { kind: 'not-run', reason: error.message };
  const where = error instanceof Error ? (error.stack?.split('\n')[1]?.trim() ?? '') : '';
  return { kind: 'error', reason: `the check itself failed: ${messageOf(error)} ${where}`.trim() };
}

function untilAborted<T>(work: Promise<T>, signal: AbortSignal, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const late = (): void => reject(new NotMeasured(`not finished within ${limitMs / 1000} s`));
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });
}

/**
 * Work that several checks of a file look at from different sides (one load run, five percentiles). It runs once,
 * when the first of them needs it; its failure is the failure of each.
 */
export function scenario<T>(work: (run: SuiteRun) => Promise<T>): (run: SuiteRun) => Promise<T & { readonly window: Window }> {
  let result: Promise<T & { readonly window: Window }> | undefined;
  return (run) => {
    result ??= timed(work, run);
    return result;
  };
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

async function timed<T>(work: (run: SuiteRun) => Promise<T>, run: SuiteRun): Promise<T & { readonly window: Window }> {
  const startMs = run.now();
  const value = await work(run);
  if (run.signal.aborted) throw new NotMeasured('the work it rests on was cut off by a time limit');
  return { ...value, window: { startMs, endMs: run.now() } };
}
