import { z } from 'zod';
import { jsonProblem } from '../../shared/json-value.ts';

/** An entry as Redis hands it out: id and flat fields; null fields mean that the entry was deleted meanwhile. */
export type StreamEntry = readonly [id: string, fields: readonly string[] | null];

const messageSchema = z.object({
  message_id: z.guid(),
  from_agent: z.string().min(1),
  type: z.string().min(1),
  payload: z.string(),
});

export interface StreamMessage {
  readonly streamId: string;
  readonly messageId: string;
  readonly fromAgent: string;
  readonly type: string;
  /** JSON text. */
  readonly payload: string;
}

/** null: not a message that can ever be processed. */
export function decodeEntry([streamId, fields]: StreamEntry): StreamMessage | null {
  const record: Record<string, string> = {};
  const flat = fields ?? [];
  for (let index = 0; index + 1 < flat.length; index += 2) record[flat[index] ?? ''] = flat[index + 1] ?? '';
  const parsed = messageSchema.safeParse(record);
  if (!parsed.success || !isStorable(parsed.data.payload)) return null;
  const { message_id: messageId, from_agent: fromAgent, type, payload } = parsed.data;
  return { streamId, messageId, fromAgent, type, payload };
}

function isStorable(text: string): boolean {
  try {
    return jsonProblem(JSON.parse(text)) === null;
  } catch {
    // Whoever wrote it did not write JSON: the message goes to the dead letters, the sender is not there to be told.
    return false;
  }
}
