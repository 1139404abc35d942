import { randomUUID } from 'node:crypto';
import type { SuiteRun } from '../../harness/index.ts';
import { isAcknowledged, sendMessage, type Message } from './stream-ledger.ts';

/** For each of some agents a row of messages, each sent when the one before was answered; without those that were not acknowledged. */
export function sendInTurn(
  run: SuiteRun,
  { agents, each }: { readonly agents: number; readonly each: number },
): Promise<readonly (readonly Message[])[]> {
  const workspace = run.workspace();
  const turn = async (): Promise<readonly Message[]> => {
    const agent = randomUUID();
    const messages: Message[] = [];
    for (let place = 0; place < each && !run.signal.aborted; place++) messages.push(await sendMessage(run, { agent, workspace }));
    return messages.filter(isAcknowledged);
  };
  return Promise.all(Array.from({ length: agents }, turn));
}

/**
 * Pure. Neighbours in what is stored that were acknowledged the other way round. Values that nobody sent, and what is missing, are not of
 * interest here; of a value that is there twice the first place counts.
 */
export function overtakenIn(
  sent: readonly Pick<Message, 'value' | 'agent'>[],
  stored: readonly string[],
): { readonly pairs: number; readonly sentences: readonly string[] } {
  const places = new Map(sent.map(({ value }, place) => [value, place]));
  const found = [...new Set(stored)].flatMap((value) => {
    const place = places.get(value);
    return place === undefined ? [] : [{ value, place }];
  });
  const sentences = found.flatMap(({ value, place }, index) => {
    const next = found[index + 1];
    if (next === undefined || next.place > place) return [];
    return [
      `of the messages to ${sent[0]?.agent ?? ''} number ${place + 1} (${value}) stands before number ${next.place + 1} (${next.value}), which was acknowledged before it was sent`,
    ];
  });
  return { pairs: Math.max(0, found.length - 1), sentences };
}
