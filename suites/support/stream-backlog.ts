import { randomUUID } from 'node:crypto';
import { NotMeasured, type SuiteRun } from '../../harness/index.ts';
import { EffectWatch, isAcknowledged, sendMessage, statesOf, type Message } from './stream-ledger.ts';
import { trimmedUnread } from './stream-state.ts';
import { TableHold, tablesOf } from './table-hold.ts';

/** The consumer is made to wait for so long at most: shorter than its own patience with the database ought to be. */
const HOLD_MS = 1_500;
const WIDTH = 16;
const DRAIN_MS = 10_000;

/** Messages that were sent while nothing could be processed. */
export interface Backlog {
  readonly agent: string;
  readonly acknowledged: readonly Message[];
  /** Entries that nobody had read and that were not there any more while the consumer waited. */
  readonly trimmed: number;
  /** The state that shows it, in words. */
  readonly seen: string;
  /** Messages without an effect once the consumer could go on. */
  readonly unprocessed: readonly Message[];
}

/** Holds the tables of the effect, sends messages meanwhile, looks what of them is still in the stream, lets go. */
export async function backlogOf(run: SuiteRun, count: number): Promise<Backlog> {
  const { processed } = run.target.requireBinding('stream');
  const [adminUrl, agent, workspace] = [await run.adminUrl('postgres'), randomUUID(), run.workspace()];
  const tables = await tablesOf(adminUrl, processed);
  await using watch = new EffectWatch(run, adminUrl);
  await using hold = await TableHold.open(adminUrl, tables);
  await hold.take('beside');
  const acknowledged = (await sendFor(run, { agent, workspace, count })).filter(isAcknowledged);
  const state = (await statesOf(run, [agent])).get(agent);
  await hold.release();
  if (state === undefined || state.entries.length === 0)
    throw new NotMeasured(
      `nothing was in the stream ${state?.key ?? ''} after ${acknowledged.length} messages were acknowledged: \`stream.key\` does not name it`,
    );
  const trimmed = trimmedUnread(state);
  if (trimmed === null)
    throw new NotMeasured(
      `Redis does not say how much of ${state.key} the group was not given: versions before 7.0 do not count that, nor can it be counted without the group that \`stream.group\` names`,
    );
  const unprocessed = await watch.until(acknowledged, DRAIN_MS);
  const seen = `${state.key} held ${state.entries.length} entries from ${state.entries[0]?.id ?? ''} on; ${state.unread ?? 0} were unread, the group had read up to ${state.delivered}`;
  return { agent, acknowledged, trimmed, seen, unprocessed };
}

/** As many as can be sent in the time the tables may be held. */
async function sendFor(
  run: SuiteRun,
  { count, ...to }: { readonly agent: string; readonly workspace: string; readonly count: number },
): Promise<readonly Message[]> {
  const sent: Message[] = [];
  const endsAtMs = run.now() + HOLD_MS;
  const lane = async (): Promise<void> => {
    while (sent.length < count && run.now() < endsAtMs && !run.signal.aborted) sent.push(await sendMessage(run, to));
  };
  await Promise.all(Array.from({ length: WIDTH }, lane));
  return sent;
}
