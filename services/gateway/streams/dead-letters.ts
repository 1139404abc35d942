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
  fields: z.string().transform(readFields),
});

/** Dead letters of the workspace, oldest first. A page may be short and still have one after it. */
export function listDeadLetters(redis: Redis, query: LetterQuery): Promise<LetterPage> {
  return needingRedis(async () => {
    const from = query.after === null ? '-' : `(${query.after}`;
    const entries = await redis.xrange(deadLettersOf(query.agent), from, '+', 'COUNT', LOOK_AT_MOST);
    const own = lettersOf(query.workspaceId, entries);
    const items = own.slice(0, query.limit);
    const goesOn = own.length > query.limit || entries.length === LOOK_AT_MOST;
    const last = own.length >= query.limit ? items.at(-1)?.id : entries.at(-1)?.[0];
    return { items, next_cursor: goesOn ? (last ?? null) : null };
  });
}

/** Those of the workspace. What somebody else wrote among the dead letters is none and is passed over. */
export function lettersOf(workspaceId: string, entries: readonly (readonly [string, readonly string[]])[]): readonly DeadLetter[] {
  return entries.flatMap(([id, flat]) => {
    const { data } = letterSchema.safeParse(recordOf(flat));
    if (data?.workspace_id !== workspaceId) return [];
    const { stream_id, message_id: messageId, reason, tries, dead_at, fields } = data;
    return [{ id, stream_id, message_id: messageId === '' ? null : messageId, reason, tries, dead_at, fields }];
  });
}

function readFields(text: string, context: z.RefinementCtx): string[] {
  try {
    return z.array(z.string()).parse(JSON.parse(text));
  } catch (error) {
    context.addIssue(String(error));
    return z.NEVER;
  }
}
