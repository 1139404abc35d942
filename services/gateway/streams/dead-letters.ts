import type { Redis } from 'ioredis';
import { z } from 'zod';
import { needingRedis } from '../redis/errors.ts';
import { recordOf } from './decode.ts';
import { deadLettersOf } from './names.ts';

/** A message that was given up, as it came, and why. */
export interface DeadLetter {
  /** Its place among the dead letters. */
  readonly id: string;
  readonly stream_id: string;
  /** null: it had none. */
  readonly message_id: string | null;
  readonly reason: string;
  readonly tries: number;
  readonly dead_at: string;
  /** What the entry held: name and value in turn. */
  readonly fields: readonly string[];
}

export interface LetterQuery {
  readonly workspaceId: string;
  readonly agent: string;
  readonly limit: number;
  /** Only letters after this one. */
  readonly after: string | null;
}

export interface LetterPage {
  readonly items: readonly DeadLetter[];
  readonly next_cursor: string | null;
}

/** How many letters one request looks at: those of other workspaces are passed over. */
const LOOK_AT_MOST = 1000;

const letterSchema = z.object({
  stream_id: z.string(),
  message_id: z.string(),
  workspace_id: z.string(),
  reason: z.string(),
  tries: z.coerce.number().int(),
  dead_at: z.string(),
  fields: z.string().transform((text) => z.array(z.string()).parse(JSON.parse(text))),
});

export interface KeptLetter {
  readonly workspaceId: string;
  readonly letter: DeadLetter;
}

/** Dead letters of the workspace, oldest first. A page may be short and still have one after it. */
export function listDeadLetters(redis: Redis, query: LetterQuery): Promise<LetterPage> {
  return needingRedis(async () => {
    const from = query.after === null ? '-' : `(${query.after}`;
    const entries = await redis.xrange(deadLettersOf(query.agent), from, '+', 'COUNT', LOOK_AT_MOST);
    const own = entries.map(readLetter).filter(({ workspaceId }) => workspaceId === query.workspaceId);
    const items = own.slice(0, query.limit).map(({ letter }) => letter);
    const goesOn = own.length > query.limit || entries.length === LOOK_AT_MOST;
    const last = own.length >= query.limit ? items.at(-1)?.id : entries.at(-1)?.[0];
    return { items, next_cursor: goesOn ? (last ?? null) : null };
  });
}

/** Only this program writes dead letters. @throws ZodError for one that somebody else wrote. */
export function readLetter([id, flat]: readonly [string, readonly string[]]): KeptLetter {
  const { workspace_id: workspaceId, message_id: messageId, ...letter } = letterSchema.parse(recordOf(flat));
  return { workspaceId, letter: { id, message_id: messageId === '' ? null : messageId, ...letter } };
}
