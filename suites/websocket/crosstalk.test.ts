import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { check, NotMeasured, type McpSession } from '../../harness/index.ts';
import { openSession } from '../support/mcp-session.ts';
import { openAll } from '../support/open-all.ts';

const SESSIONS = 8;
const ANSWER_MS = 5_000;
/** Sessions stay open so long after the last round. */
const QUIET_MS = 1_500;

/**
 * The probe that finds shared reply tables: all sessions send the *same* request id at the same moment, each with a
 * canary of its own, round after round. With ids of their own the same defect stays invisible.
 */
check('websocket.mcp.crosstalk', async (run) => {
  const sessions = await openAll(Array.from({ length: SESSIONS }, () => () => openSession(run)));
  const own = sessions.map(() => new Set<string>());
  const wrong: string[] = [];
  let trials = 0;
  try {
    await bringsCanaryBack(sessions);
    let unanswered = 0;
    for (let round = 1; round <= run.sized({ quick: 20, full: 60 }) && wrong.length === 0 && unanswered <= SESSIONS; round += 1) {
      const replies = await askAll(sessions, own, round);
      // Silence and errors say nothing about whose answer it is: they are no trials.
      const answered = replies.filter((reply) => reply.ok);
      unanswered += replies.length - answered.length;
      trials += answered.length;
      wrong.push(...answered.flatMap((reply) => (reply.echoed ? [] : [`round ${round}: an answer without the canary that was sent`])));
      wrong.push(...foreignFrames(sessions, own));
    }
    // An answer that strays may come later than the right one.
    await delay(QUIET_MS);
    wrong.push(...foreignFrames(sessions, own));
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
  return {
    observation: { kind: 'count', trials, count: wrong.length, examples: wrong.slice(0, 5) },
    witnesses: [{ source: 'frames', saw: `${SESSIONS} sessions, ${trials} requests under identical ids, ${wrong.length} wrong` }],
  };
});

/** One session alone: when not even that brings its canary back, the binding is at fault, not the target. */
async function bringsCanaryBack([session]: readonly McpSession[]): Promise<void> {
  const reply = await session?.callEcho(`alone-${randomUUID()}`, { id: 'alone', timeoutMs: ANSWER_MS });
  if (reply?.echoed !== true)
    throw new NotMeasured(`one session alone does not get its canary back: ${reply?.problem ?? 'see `mcp.call.echo` in the target file'}`);
}

/** All sessions at once, under one id, each with a new canary of its own. */
function askAll(
  sessions: readonly McpSession[],
  own: readonly Set<string>[],
  id: number,
): Promise<readonly Awaited<ReturnType<McpSession['callEcho']>>[]> {
  return Promise.all(
    sessions.map((session, index) => {
      const canary = `canary-${randomUUID()}`;
      own[index]?.add(canary);
      return session.callEcho(canary, { id, timeoutMs: ANSWER_MS });
    }),
  );
}

/** Canaries that arrived on a session that never sent them. */
function foreignFrames(sessions: readonly McpSession[], own: readonly ReadonlySet<string>[]): readonly string[] {
  return sessions.flatMap((session, index) => {
    const seen = session.frames().flatMap((frame) => frame.text.match(/canary-[0-9a-f-]{36}/gu) ?? []);
    const foreign = new Set(seen.filter((canary) => own[index]?.has(canary) !== true));
    return foreign.size === 0 ? [] : [`session ${index} received ${foreign.size} canaries of other sessions`];
  });
}
