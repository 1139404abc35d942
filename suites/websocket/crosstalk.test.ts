import { randomUUID } from 'node:crypto';
import { check, type McpSession } from '../../harness/index.ts';
import { openSession } from '../support/mcp-session.ts';

const SESSIONS = 8;
const ANSWER_MS = 5_000;

/**
 * The probe that finds shared reply tables: all sessions send the *same* request id at the same moment, each with a
 * canary of its own, round after round. With ids of their own the same defect stays invisible.
 */
check('websocket.mcp.crosstalk', async (run) => {
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => openSession(run)));
  const own = sessions.map(() => new Set<string>());
  const wrong: string[] = [];
  let trials = 0;
  try {
    for (let round = 1; round <= run.sized({ quick: 20, full: 60 }); round += 1) {
      const canaries = sessions.map(() => `canary-${randomUUID()}`);
      for (const [index, canary] of canaries.entries()) own[index]?.add(canary);
      const replies = await Promise.all(sessions.map((session, index) => session.callEcho(canaries[index] ?? '', { id: round, timeoutMs: ANSWER_MS })));
      for (const [index, reply] of replies.entries()) {
        trials += 1;
        if (reply.echoed) continue;
        wrong.push(reply.problem === null ? `round ${round}: session ${index} got an answer without its canary` : `round ${round}: session ${index} got no answer: ${reply.problem}`);
      }
      if (wrong.length > SESSIONS) break;
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

/** Canaries that arrived on a session that never sent them. */
function foreignFrames(sessions: readonly McpSession[], own: readonly ReadonlySet<string>[]): readonly string[] {
  return sessions.flatMap((session, index) => {
    const seen = session.frames().flatMap((frame) => frame.text.match(/canary-[0-9a-f-]{36}/gu) ?? []);
    const foreign = new Set(seen.filter((canary) => own[index]?.has(canary) !== true));
    return foreign.size === 0 ? [] : [`session ${index} received ${foreign.size} canaries of other sessions`];
  });
}
