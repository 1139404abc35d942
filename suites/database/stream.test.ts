import { randomUUID } from 'node:crypto';
import { check, closedLoop, NotMeasured, scenario, type SuiteRun } from '../../harness/index.ts';
import { timesOf } from '../support/asked.ts';
import { loopFault } from '../support/loop-fault.ts';
import { backlogOf } from '../support/stream-backlog.ts';
import { duplicatesOf } from '../support/stream-duplicates.ts';
import { EffectWatch, isAcknowledged, sendMessage, strandedOf, untilDrained, wordsOf, type Message } from '../support/stream-ledger.ts';
import { overtakenIn, sendInTurn } from '../support/stream-order.ts';
import { settlesMsOf } from '../support/stream-state.ts';
import { lookUntil } from '../support/until.ts';

/** Time the target has to process what came in order. */
const PROCESS_MS = 12_000;
/** Time after which a message came too late to be called delivered. */
const IN_TIME_MS = 5_000;
const AGENTS = 4;
/** Sending takes no longer, however slow the target is. */
const SEND_MS = 60_000;

/** Messages to a few agents, as fast as they are taken, and what became of each. */
const sent = scenario(async (run) => {
  const agents = Array.from({ length: AGENTS }, () => randomUUID());
  const [workspace, adminUrl] = [run.workspace(), await run.adminUrl('postgres')];
  await using watch = new EffectWatch(run, adminUrl);
  const acknowledged: Message[] = [];
  const width = Math.min(run.spec.workload.agents, 20);
  let isSent = false;
  const loop = closedLoop({
    agents: width,
    perAgent: Math.ceil(run.sized({ quick: 640, full: 1_600 }) / width),
    timeoutMs: 10_000,
    signal: run.signal,
    action: async ({ index }, signal) => {
      const message = await sendMessage(run, { agent: agents[index % AGENTS] ?? '', workspace, signal });
      if (isAcknowledged(message)) acknowledged.push(message);
      return { outcome: message.outcome };
    },
  }).finally(() => (isSent = true));
  // The first effects come while the last messages are still being sent.
  const watching = lookUntil(
    () => watch.look(agents),
    () => isSent,
    { withinMs: SEND_MS, signal: run.signal },
  );
  const [result] = await Promise.all([loop, watching]);
  // What a consumer that died, or failed once, has left may come as late as the target says.
  const settlesMs = settlesMsOf(run.target.requireBinding('stream'));
  const unprocessed = await watch.until(acknowledged, settlesMs);
  const drained = await untilDrained(run, agents, unprocessed.length === 0 ? settlesMs : 0);
  return {
    acknowledged,
    settlesMs,
    stranded: await strandedOf(run, unprocessed),
    pending: [...drained.values()].reduce((sum, { pending }) => sum + pending.size, 0),
    fault: loopFault(result),
    delays: acknowledged.map(({ value, sentAtMs }) => {
      const seenAtMs = watch.seenAtMs(value);
      return { atMs: sentAtMs, ms: seenAtMs === null ? null : seenAtMs - sentAtMs };
    }),
  };
});

const backlog = scenario((run) => backlogOf(run, run.sized({ quick: 150, full: 400 })));

check(
  'database.stream.lost',
  async (run) => {
    const { acknowledged, stranded, pending, settlesMs, fault, window } = await sent(run);
    // What was trimmed away has a criterion of its own, as long as trimming was seen.
    const isTrimmed = stranded.some(({ standing }) => standing === 'gone') && (await seesTrimming(run));
    const lost = stranded.filter(({ standing }) => !(isTrimmed && standing === 'gone'));
    const examples = lost.slice(0, 4).map(wordsOf);
    const left = lost.length === 0 ? pending : 0;
    return {
      harnessFault: fault,
      window,
      observation: {
        kind: 'count',
        trials: acknowledged.length,
        count: lost.length + left,
        examples: left > 0 ? [...examples, `${left} messages are still pending in the consumer group`] : examples,
      },
      witnesses: [
        { source: 'responses', saw: `${acknowledged.length} messages acknowledged` },
        { source: 'database', saw: `${acknowledged.length - stranded.length} processed within ${settlesMs / 1000} s of the last` },
        { source: 'redis', saw: `${pending} pending` },
      ],
    };
  },
  { limitMs: 180_000 },
);

/** Without a word of Redis on trimming, nothing is excused by it. */
async function seesTrimming(run: SuiteRun): Promise<boolean> {
  try {
    return (await backlog(run)).trimmed > 0;
  } catch (error) {
    if (error instanceof NotMeasured) return false;
    throw error;
  }
}

check(
  'database.stream.delivery',
  async (run) => {
    const { delays, fault, window } = await sent(run);
    const inTime = delays.filter(({ ms }) => ms !== null && ms <= IN_TIME_MS).length;
    const slowest = Math.round(Math.max(0, ...delays.map(({ ms }) => ms ?? 0)));
    return {
      harnessFault: fault,
      window,
      observation: { kind: 'ratio', successes: inTime, trials: delays.length },
      witnesses: [
        { source: 'database', saw: `${inTime} of ${delays.length} acknowledged messages had their effect within ${IN_TIME_MS / 1000} s` },
        { source: 'database', saw: `the slowest that had one had it after ${slowest} ms` },
      ],
    };
  },
  { limitMs: 180_000 },
);

check(
  'database.stream.latency',
  async (run) => {
    const { delays, fault, window } = await sent(run);
    return {
      harnessFault: fault,
      window,
      observation: timesOf(0.95, delays),
      witnesses: [{ source: 'database', saw: `effects of ${delays.length} messages, looked for every 50 ms and more` }],
    };
  },
  { limitMs: 180_000 },
);

check('database.stream.trimmed', async (run) => {
  const { acknowledged, trimmed, seen, unprocessed, window } = await backlog(run);
  const stranded = trimmed === 0 ? [] : await strandedOf(run, unprocessed.slice(0, 50));
  const gone = stranded.filter(({ standing }) => standing === 'gone').slice(0, 3);
  return {
    window,
    observation: {
      kind: 'count',
      trials: acknowledged.length,
      count: trimmed,
      examples: trimmed === 0 ? [] : [`${trimmed} unread entries were removed: ${seen}`, ...gone.map(wordsOf)],
    },
    witnesses: [
      { source: 'redis', saw: `while nothing could be processed ${seen}` },
      { source: 'database', saw: `${acknowledged.length - unprocessed.length} of ${acknowledged.length} processed afterwards` },
    ],
  };
});

check('database.stream.duplicates', async (run) => {
  const { messages, telling, pausedMs, repeated, isDrained } = await duplicatesOf(run, run.sized({ quick: 72, full: 200 }));
  if (!isDrained && repeated.length === 0)
    throw new NotMeasured('the stream was not worked off in time, so that a message may still have its effect again');
  const acknowledged = messages.filter(isAcknowledged).length;
  return {
    observation: {
      kind: 'count',
      trials: telling,
      count: repeated.length,
      examples: repeated
        .slice(0, 5)
        .map(
          ({ value, agent, times, outcome }) =>
            `message ${value} to ${agent} was sent once (answer: ${outcome}) and had its effect ${times} times`,
        ),
    },
    witnesses: [
      { source: 'responses', saw: `${messages.length} messages sent once each, ${acknowledged} acknowledged` },
      { source: 'redis', saw: `gave no answer for ${Math.round(pausedMs)} ms in the middle of it` },
      { source: 'database', saw: `${repeated.length} messages have more than one effect` },
    ],
  };
});

check('database.stream.order', async (run) => {
  const sql = run.target.requireBinding('stream').order ?? '';
  await using watch = new EffectWatch(run, await run.adminUrl('postgres'));
  const turns = await sendInTurn(run, { agents: AGENTS, each: run.sized({ quick: 20, full: 60 }) });
  await watch.until(turns.flat(), PROCESS_MS);
  const found = [];
  for (const turn of turns) found.push(overtakenIn(turn, await watch.inOrder(turn[0]?.agent ?? '', sql)));
  const overtaken = found.flatMap(({ sentences }) => sentences);
  return {
    observation: {
      kind: 'count',
      trials: found.reduce((sum, { pairs }) => sum + pairs, 0),
      count: overtaken.length,
      examples: overtaken.slice(0, 5),
    },
    witnesses: [
      { source: 'responses', saw: `${turns.flat().length} messages, each sent when the one before it was acknowledged` },
      { source: 'database', saw: `${overtaken.length} stand before one that was acknowledged earlier` },
    ],
  };
});
