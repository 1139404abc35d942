import { cleanUpRun, look, type Choice } from '../environment/index.ts';
import { MusterError } from '../model/errors.ts';
import type { RunPlan } from '../model/plan.ts';
import type { Target, TargetService } from '../model/target.ts';
import { openFrame, sweep } from './environment-frame.ts';
import { codeDigests } from './code-digest.ts';
import { joinStack, type JoinedEnvironment } from './environment-client.ts';
import type { Session, SessionOpener, SessionOptions } from './environment-session.ts';
import type { StackState } from './stack-protocol.ts';
import { digestDifferences, targetDigest } from './target-digest.ts';

/** A session on the stack that `muster up` holds behind this socket: nothing is started, and the stack stays when the run ends. */
export function reuseStack(socketPath: string): SessionOpener {
  return (options) => openReusedSession(socketPath, options);
}

/**
 * Joins the stack, then opens the frame of the run itself.
 * @throws MusterError (config) when there is no stack, another run has it, or it is not the stack of this target.
 */
async function openReusedSession(socketPath: string, { plan, onProgress, onSwept }: SessionOptions): Promise<Session> {
  await sweep(onSwept);
  const { runId, target } = plan;
  const loss = new Loss();
  const joined = await joinStack({ socketPath, runId, onLost: (reason) => loss.happened(reason) });
  try {
    await requireSameServices(joined.state, plan);
    const frame = await openFrame(runId);
    const { ledger, runDir } = frame;
    return {
      provider: reusedChoice(joined.state),
      ledger,
      runDir,
      socketPath: frame.socketPath,
      stays: true,
      arrival: { overhead: 'joinedMs', words: `the services of the stack that stands since ${joined.state.startedAt} were looked at` },
      async start(signal, onLost) {
        loss.listen(onLost);
        await lookAtAll(joined, { target, onProgress, signal });
        signal.throwIfAborted();
        return joined;
      },
      async close() {
        await joined[Symbol.asyncDispose]();
        const leftovers = await joined.audit();
        const { left } = await cleanUpRun({ runId, entries: ledger.entries() });
        return [...leftovers, ...left, ...(await frame.close())];
      },
    };
  } catch (error) {
    await joined[Symbol.asyncDispose]();
    throw error;
  }
}

/** The stack may be gone before anybody listens. */
class Loss {
  #reason: string | null = null;
  #listener: (reason: string) => void = () => {};

  happened(reason: string): void {
    this.#reason = reason;
    this.#listener(reason);
  }

  listen(listener: (reason: string) => void): void {
    this.#listener = listener;
    if (this.#reason !== null) listener(this.#reason);
  }
}

function reusedChoice({ choice, startedAt }: StackState): Choice {
  return { name: choice.name, reason: `reused the stack that \`muster up\` started at ${startedAt} (${choice.reason})` };
}

async function requireSameServices({ digest, target: name, startedAt, choice }: StackState, plan: RunPlan): Promise<void> {
  const differences = digestDifferences(digest, targetDigest(plan, await codeDigests(choice, plan.target.services)));
  if (differences.length === 0) return;
  throw new MusterError(
    `The stack that \`muster up\` started at ${startedAt} (target "${name}") is not the one this run asks for (target "${plan.target.name}"): ${differences.join(', ')}.`,
    {
      code: 'MUSTER_OTHER_STACK',
      blame: 'config',
      hint: 'Give the configuration and the environment variables the stack was started with, or (always when `code` has changed) start it anew: `muster down`, then `muster up`.',
    },
  );
}

/** How each service came up is told by the keeper; whether it answers now is seen here. */
async function lookAtAll(
  joined: JoinedEnvironment,
  {
    target,
    onProgress,
    signal,
  }: { readonly target: Target; readonly onProgress: SessionOptions['onProgress']; readonly signal: AbortSignal },
): Promise<void> {
  const { state } = joined;
  joined.facts['stack.run'] = state.runId;
  joined.facts['stack.startedAt'] = state.startedAt;
  await Promise.all(
    target.services.map(async (service) => {
      const wasReady = state.services.find(({ name }) => name === service.name)?.readyMs ?? null;
      if (wasReady !== null) joined.facts[`stack.${service.name}`] = `ready ${String(Math.round(wasReady))} ms after its last start`;
      const problem = await problemOf(service, joined, signal);
      onProgress(service.name, problem ?? 'stands and answers');
      if (problem === null) return;
      joined.startFailures.set(service.name, { reason: problem, attempts: 1, lastSeen: null, waitedMs: 0, exit: null, logTail: [] });
    }),
  );
}

async function problemOf(service: TargetService, { state, services }: JoinedEnvironment, signal: AbortSignal): Promise<string | null> {
  const down = state.down[service.name];
  if (down !== undefined) return `It does not run in the stack of \`muster up\`: ${down}.`;
  const running = services.get(service.name);
  if (running === undefined) return 'It is not in the stack of `muster up`.';
  const { ready, seen } = await look(service, running, signal);
  return ready ? null : `It runs in the stack of \`muster up\` and does not answer: ${seen}.`;
}
