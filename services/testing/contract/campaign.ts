import fc, { type Arbitrary } from 'fast-check';

/** Many cases of one kind, each tried against a running service. */
export interface Campaign<Case> {
  readonly name: string;
  readonly cases: Arbitrary<Case>;
  /** @throws Error that says what the service did wrong. */
  readonly attempt: (sent: Case) => Promise<void>;
  /** A line for a shell that does the same. */
  readonly reproducer: (sent: Case) => string;
}

export interface Effort {
  readonly seed: number;
  readonly cases: number;
}

const LANES = 8;
/** Also what looking for the smallest case that fails may take. */
const TIME_LIMIT_MS = 200_000;

/** Runs the cases, several at a time. What went wrong, each with its smallest case as a line for a shell; nothing when all is well. */
export async function runCampaign<Case>(campaign: Campaign<Case>, { seed, cases }: Effort): Promise<readonly string[]> {
  const perLane = Math.ceil(cases / LANES);
  const lanes = Array.from({ length: Math.min(LANES, cases) }, (_, lane) => runLane(campaign, { seed: seed + lane, cases: perLane }));
  return (await Promise.all(lanes)).flat();
}

async function runLane<Case>(
  { name, cases, attempt, reproducer }: Campaign<Case>,
  { seed, cases: numRuns }: Effort,
): Promise<readonly string[]> {
  const property = fc.asyncProperty(cases, attempt);
  const details = await fc.check(property, { seed, numRuns, interruptAfterTimeLimit: TIME_LIMIT_MS, markInterruptAsFailure: true });
  if (!details.failed) return [];
  const [smallest] = details.counterexample ?? [];
  if (smallest === undefined) return [`${name} (seed ${seed}): not done within ${TIME_LIMIT_MS} ms, after ${details.numRuns} cases`];
  const reason = details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance);
  return [`${name} (seed ${seed}, case ${details.numRuns}): ${reason}\n  ${reproducer(smallest)}`];
}
