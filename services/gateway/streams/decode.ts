import { z } from 'zod';
import { jsonProblem } from '../../shared/json-value.ts';
import { DEFAULT_WORKSPACE } from '../workspace.ts';

/** An entry as Redis hands it out: id and flat fields; null fields mean that the entry was deleted meanwhile. */
export type StreamEntry = readonly [id: string, fields: readonly string[] | null];

const messageSchema = z.object({
  message_id: z.guid().toLowerCase(),
  from_agent: z.string().min(1),
  type: z.string().min(1),
  payload: z.string().refine(isStorable),
  workspace_id: z.guid().toLowerCase().default(DEFAULT_WORKSPACE),
  priority: z.coerce.number().int().min(1).max(10).default(5),
  correlation_id: z.string().default(''),
  timestamp: z.iso.datetime().optional(),
  ttl_s: z.coerce.number().int().min(1).optional(),
});

export interface StreamMessage {
  readonly streamId: string;
  readonly messageId: string;
  readonly workspaceId: string;
  readonly fromAgent: string;
  readonly type: string;
  /** JSON text. */
  readonly payload: string;
  readonly priority: number;
  readonly correlationId: string | null;
  readonly sentAt: string | null;
  /** When it stops being of use; null: never. */
  readonly expiresAtMs: number | null;
}

/** null: not a message that can ever be processed. */
export function decodeEntry([streamId, fields]: StreamEntry): StreamMessage | null {
  const parsed = messageSchema.safeParse(recordOf(fields ?? []));
  if (!parsed.success) return null;
  const { data } = parsed;
  return {
    streamId,
    messageId: data.message_id,
    workspaceId: data.workspace_id,
    fromAgent: data.from_agent,
    type: data.type,
    payload: data.payload,
    priority: data.priority,
    correlationId: data.correlation_id === '' ? null : data.correlation_id,
    sentAt: data.timestamp ?? null,
    expiresAtMs: data.ttl_s === undefined || data.timestamp === undefined ? null : Date.parse(data.timestamp) + data.ttl_s * 1000,
  };
}

/** Whose it is, also when it is no message; who does not say works in the default workspace. */
export function workspaceOfFields(fields: readonly string[]): string {
  const named = recordOf(fields)['workspace_id'] ?? '';
  return z.guid().safeParse(named).success ? named.toLowerCase() : DEFAULT_WORKSPACE;
}

/** `[key, value, key, value …]` as an object. */
export function recordOf<T>(flat: readonly T[]): Readonly<Record<string, T>> {
  const pairs = flat.flatMap((value, index) => (index % 2 === 1 ? [[String(flat[index - 1]), value] as const] : []));
  return Object.fromEntries(pairs);
}

function isStorable(text: string): boolean {
  try {
    return jsonProblem(JSON.parse(text)) === null;
  } catch {
    // Whoever wrote it did not write JSON: the message goes to the dead letters, the sender is not there to be told.
    return false;
  }
}
