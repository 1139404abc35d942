import { messageOf } from '../../shared/log.ts';
import type { Repeater, repeat } from '../../shared/repeat.ts';
import { startSlots } from '../../shared/slots.ts';
import { Interrupted, unlessStopped } from '../../shared/unless-stopped.ts';
import type { WorkerAnswer, Workers } from '../operations/workers.ts';
import type { DelegationRow, DelegationStore, ResponseRow } from './delegation.ts';
import { chooseExperts, promptFor, synthesisPrompt, type Definition, type Expert } from './experts.ts';

export interface DelegationRunnerDeps {
  readonly store: DelegationStore;
  readonly workers: Workers;
  readonly definitions: () => Promise<readonly Definition[]>;
  readonly onError: (error: unknown) => void;
}

/** Times six experts: what one process asks the model at once for delegations. */
const SLOTS = 2;
const ANSWER_LIMIT_MS = 10_000;
const STOP_GRACE_MS = 3000;
const ANSWER_TOKENS = 128;
const NEVER = new AbortController().signal;

/** Works off delegations from the table; what a runner that died left behind is taken up again, without the answers that are there. */
export function startDelegationRunner(deps: DelegationRunnerDeps, every: typeof repeat): Repeater {
  return startSlots(
    SLOTS,
    async (stopped) => {
      const delegation = await deps.store.claim();
      if (delegation !== null) await runDelegation(deps, delegation, stopped);
      return delegation !== null;
    },
    deps.onError,
    every,
  );
}

/** One delegation from wherever it stands to its end, until it is cancelled, or until stopped. */
export async function runDelegation(deps: DelegationRunnerDeps, claimed: DelegationRow, stopped: AbortSignal = NEVER): Promise<void> {
  try {
    const delegation = await begun(deps, claimed);
    if (delegation === null) return;
    const before = await deps.store.responses(delegation.id);
    const answered = new Set(before.map(({ expert }) => expert));
    const open = delegation.experts.filter(({ expert }) => !answered.has(expert));
    const wanted = await Promise.all(open.map((expert) => askExpert(deps, delegation, expert, stopped)));
    // Cancelled meanwhile: the model is not asked for what nobody wants.
    if (!wanted.includes(false)) await conclude(deps, delegation, stopped);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    await deps.store.release(claimed.id);
  }
}

/** null when it is over: too late, or cancelled meanwhile. */
async function begun({ store, definitions }: DelegationRunnerDeps, delegation: DelegationRow): Promise<DelegationRow | null> {
  if (leftMs(delegation) <= 0) {
    await store.end(delegation, { to: 'timeout', error: 'nobody took it up in time' });
    return null;
  }
  if (delegation.status !== 'pending') return delegation;
  return store.begin(delegation, chooseExperts(await definitions(), delegation.decision));
}

/** false when the delegation is over. */
async function askExpert(deps: DelegationRunnerDeps, delegation: DelegationRow, expert: Expert, stopped: AbortSignal): Promise<boolean> {
  const startedAtMs = performance.now();
  const text = promptFor(delegation.request, expert);
  const answer = await unlessStopped(ask(deps.workers, delegation, text), stopped, STOP_GRACE_MS);
  return deps.store.respond(delegation, {
    expert: expert.expert,
    status: answer.status,
    answer: textOf(answer),
    confidence: answer.confidence,
    error: answer.error,
    execution_time_ms: performance.now() - startedAtMs,
    promptTokens: answer.usage.prompt_tokens,
    completionTokens: answer.usage.completion_tokens,
  });
}

async function conclude({ store, workers }: DelegationRunnerDeps, delegation: DelegationRow, stopped: AbortSignal): Promise<void> {
  const responses = await store.responses(delegation.id);
  const good = responses.filter(({ status }) => status === 'completed');
  const counts = { delegated: delegation.decision.should_delegate, answered: good.length, asked: delegation.experts.length };
  if (leftMs(delegation) <= 0) {
    await store.end(delegation, { to: 'timeout', error: `${good.length} of ${counts.asked} experts had answered in time` });
    return;
  }
  // Half of the view is worth less than none: it looks like the whole.
  if (good.length * 2 < counts.asked || good.length === 0) {
    await store.end(delegation, { to: 'failed', error: `${good.length} of ${counts.asked} experts answered: ${reasonsOf(responses)}` });
    return;
  }
  const [only] = good;
  if (!counts.delegated && only !== undefined) {
    await store.end(delegation, { to: 'completed', result: { text: only.answer ?? '', ...counts } });
    return;
  }
  const answer = await unlessStopped(ask(workers, delegation, synthesisPrompt(delegation.request, good)), stopped, STOP_GRACE_MS);
  const tokens = { promptTokens: answer.usage.prompt_tokens, completionTokens: answer.usage.completion_tokens };
  const text = textOf(answer);
  if (text === null) await store.end(delegation, { to: 'failed', error: `no synthesis: ${answer.error ?? 'no text'}`, tokens });
  else await store.end(delegation, { to: 'completed', result: { text, ...counts }, tokens });
}

/** An expert who cannot be asked, or not in time, is a failed answer, not a failed runner. */
async function ask(workers: Workers, delegation: DelegationRow, text: string): Promise<WorkerAnswer> {
  const deadlineMs = Math.max(1, Math.min(leftMs(delegation), ANSWER_LIMIT_MS));
  const parameters = { text, max_tokens: ANSWER_TOKENS };
  try {
    return await workers.run({ worker: 'ai_ml', operationId: delegation.id, action: 'complete', parameters, deadlineMs });
  } catch (error) {
    const usage = { prompt_tokens: 0, completion_tokens: 0 };
    return { status: 'failed', result: null, confidence: null, error: messageOf(error), usage };
  }
}

function leftMs({ deadline_at: deadlineAt }: DelegationRow): number {
  return deadlineAt.getTime() - Date.now();
}

function textOf({ result }: WorkerAnswer): string | null {
  const text = result?.['text'];
  return typeof text === 'string' ? text : null;
}

function reasonsOf(responses: readonly ResponseRow[]): string {
  return [...new Set(responses.flatMap(({ error }) => (error === null ? [] : [error])))].join('; ');
}
