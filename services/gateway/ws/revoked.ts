import { repeat, type Repeater } from '../../shared/repeat.ts';
import type { Connections } from './connections.ts';
import { CLOSE } from './peer.ts';

const EVERY_MS = 2000;
const REVOKED = { code: CLOSE.policy, reason: 'the key was revoked' } as const;

/**
 * A key that opens nothing any more must not keep open what it had opened.
 * @param validKeys ids of the keys that are valid now; while they cannot be read, connections stay.
 */
export function closeRevoked(
  connections: Connections,
  validKeys: () => Promise<ReadonlySet<string>>,
  onError: (error: unknown) => void,
): Repeater {
  const look = async (): Promise<void> => {
    // Whoever comes while the keys are read was let in by a look of its own.
    const held = new Set(connections.sessions(null).flatMap(({ keyId }) => keyId ?? []));
    if (held.size === 0) return;
    const valid = await validKeys();
    connections.closeWhere(({ keyId }) => keyId !== null && held.has(keyId) && !valid.has(keyId), REVOKED);
  };
  return repeat(look, EVERY_MS, onError);
}
