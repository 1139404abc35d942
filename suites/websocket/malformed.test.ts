import { randomUUID } from 'node:crypto';
import { check, NotMeasured, type McpSession } from '../../harness/index.ts';
import { openSession } from '../support/mcp-session.ts';

const ANSWER_MS = 3_000;

interface Case {
  readonly name: string;
  readonly frame: string;
  readonly code: number;
}

const CASES: readonly Case[] = [
  { name: 'a frame that is no JSON', frame: '{"jsonrpc":"2.0","id":', code: -32700 },
  { name: 'a request without a method', frame: '{"jsonrpc":"2.0","id":"m1"}', code: -32600 },
  { name: 'an unknown method', frame: '{"jsonrpc":"2.0","id":"m2","method":"muster/no_such_method"}', code: -32601 },
];

check('websocket.mcp.malformed', async (run) => {
  const hostile = await openSession(run);
  const bystander = await openSession(run).catch(async (error: unknown) => {
    await hostile.close();
    throw error;
  });
  try {
    await worksBefore(hostile);
    await worksBefore(bystander);
    const attempts: { readonly ok: boolean; readonly note: string }[] = [];
    for (const malformed of CASES) attempts.push(await sendMalformed(hostile, malformed));
    attempts.push(await survives(hostile, 'the connection that sent them'), await survives(bystander, 'its neighbour'));
    return { observation: { kind: 'boolean', attempts }, witnesses: attempts.map(({ note }) => ({ source: 'frames', saw: note })) };
  } finally {
    await Promise.all([hostile.close(), bystander.close()]);
  }
});

async function sendMalformed(session: McpSession, { name, frame, code }: Case): Promise<{ readonly ok: boolean; readonly note: string }> {
  const since = session.frames().at(-1)?.seq ?? 0;
  if (!session.sendRaw(frame)) return { ok: false, note: `${name}: the connection was already closed` };
  const answer = await session.next((received) => errorCode(received.json) !== null, { withinMs: ANSWER_MS, since });
  if (!answer.ok) return { ok: false, note: `${name}: ${answer.problem}` };
  const got = errorCode(answer.frame.json);
  return { ok: got === code, note: `${name}: answered with ${got ?? 'no code'}, expected ${code}` };
}

async function survives(session: McpSession, who: string): Promise<{ readonly ok: boolean; readonly note: string }> {
  const reply = await session.callEcho(`canary-${randomUUID()}`, { timeoutMs: ANSWER_MS });
  return { ok: reply.echoed, note: `${who} ${reply.echoed ? 'still works' : `does not work any more: ${reply.problem ?? 'no echo'}`}` };
}

function errorCode(json: unknown): number | null {
  if (typeof json !== 'object' || json === null || !('error' in json)) return null;
  const { error } = json;
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'number' ? error.code : null;
}

/** What does not work before the bad frames says nothing about them. */
async function worksBefore(session: McpSession): Promise<void> {
  const reply = await session.callEcho(`canary-${randomUUID()}`, { timeoutMs: ANSWER_MS });
  if (!reply.echoed) throw new NotMeasured(`the bound call does not work even on a fresh session: ${reply.problem ?? 'no echo'}`);
}
