import { createHash, timingSafeEqual } from 'node:crypto';

export interface KnownKey {
  readonly id: string;
  readonly name: string;
  readonly workspaceId: string | null;
  readonly admin: boolean;
  /** SHA-256 of the key. */
  readonly hash: Buffer;
}

export interface KnownKeys {
  /** @throws whatever reading the keys throws, when what is known is too old to be trusted. */
  find(key: string): Promise<KnownKey | null>;
  /** The keys were changed here: the next request reads them again. */
  forget(): void;
}

export interface KnownKeysDeps {
  /** Every key that is valid now. */
  readonly load: () => Promise<readonly KnownKey[]>;
  readonly onError: (error: unknown) => void;
  /** Monotonic milliseconds. */
  readonly now?: () => number;
}

/** From this age on the keys are read again behind the request. */
const STALE_MS = 2000;
/** Older ones prove nothing: a key that was revoked stops within this time. */
const MAX_AGE_MS = 4500;
/** A key that is not known may be new. Younger snapshots are believed, so that wrong keys cannot become a load on the database. */
const RECENT_MS = 250;

/** All valid keys in memory, read again as they are used: a request with a key costs a hash, a wrong one not more. */
export function createKnownKeys({ load, onError, now = () => performance.now() }: KnownKeysDeps): KnownKeys {
  let byPrefix: ReadonlyMap<string, KnownKey> = new Map();
  let readAtMs = Number.NEGATIVE_INFINITY;
  let changedAtMs = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;
  const read = async (): Promise<void> => {
    const startedAtMs = now();
    try {
      byPrefix = new Map((await load()).map((key) => [prefixOf(key.hash), key]));
      // What was read before a change may not show it.
      if (startedAtMs >= changedAtMs) readAtMs = startedAtMs;
    } finally {
      reading = null;
    }
  };
  const refresh = (): Promise<void> => (reading ??= read());
  const lookUp = (hash: Buffer): KnownKey | null => {
    const key = byPrefix.get(prefixOf(hash));
    return key !== undefined && timingSafeEqual(key.hash, hash) ? key : null;
  };
  return {
    find: async (text) => {
      const hash = hashOf(text);
      const ageMs = now() - readAtMs;
      if (ageMs > STALE_MS && ageMs <= MAX_AGE_MS) refresh().catch(onError);
      while (now() - readAtMs > MAX_AGE_MS) await refresh();
      const key = lookUp(hash);
      if (key !== null || now() - readAtMs <= RECENT_MS) return key;
      await refresh();
      return lookUp(hash);
    },
    forget: () => {
      changedAtMs = now();
      readAtMs = Number.NEGATIVE_INFINITY;
    },
  };
}

export function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function prefixOf(hash: Buffer): string {
  return hash.toString('hex', 0, 8);
}
