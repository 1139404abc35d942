import { randomUUID } from 'node:crypto';
import type { TargetClient } from '../../target/index.ts';
import type { Identity } from './identity.ts';
import type { Opening } from './sessions/per-agent.ts';

/** A key of the register that no other load uses, for one agent. Never rejects for what the target does. */
export async function newKey(
  client: TargetClient,
  { nameOf, constants }: Identity,
  agent: number,
  signal: AbortSignal,
): Promise<Opening<string>> {
  const name = nameOf(agent);
  const variables = { ...constants, agent: name, name, key: `${name}-${randomUUID()}` };
  const { outcome, key } = await client.register.createKey(variables, { signal });
  return key === null ? { ok: false, outcome } : { ok: true, value: key };
}
