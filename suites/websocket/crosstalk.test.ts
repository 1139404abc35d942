import { randomUUID } from 'node:crypto';
import { check, type McpSession } from '../../harness/index.ts';
import { openSession } from '../support/mcp-session.ts';
import { openAll } from '../support/open-all.ts';

const SESSIONS = 8;
const ANSWER_MS = 5_000;

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
    for (let round = 1; round <= run.sized({ quick: 20, full: 60 }) && wrong.length <= SESSIONS; round += 1) {
      const replies = await askAll(sessions, own, round);
      // An error is an answer, but says nothing about whose it is.
      const telling = replies.filter((reply) => reply.ok || reply.problem !== null);
      trials += telling.length;
      wrong.push(
        ...telling.flatMap((reply) =>
          reply.echoed ? [] : [`round ${round}: ${reply.problem ?? 'an answer without the canary that was sent'}`],
        ),
      );
    }
    wrong.push(...foreignFrames(sessions, own));
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
  return {
    observation: { kind: 'count', trials, count: wrong.length, examples: wrong.slice(0, 5) },
    witnesses: [{ source: 'frames', saw: `${SESSIONS} sessions, ${trials} requests under identical ids, ${wrong.length} wrong` }],
  };
});

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
