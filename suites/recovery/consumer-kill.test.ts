import { check, NotMeasured, scenario, type SuiteRun, type Witness } from '../../harness/index.ts';
import { killMidBatch, requireInHand, type Kill } from '../support/consumer-kills.ts';
import { poison, whatBecameOf, type Poisoned } from '../support/dead-letters.ts';
import { EffectWatch, strandedOf, wordsOf } from '../support/stream-ledger.ts';
import { settlesMsOf } from '../support/stream-state.ts';
import { tablesOf } from '../support/table-hold.ts';

/** Longer waits are not for a gate. */
const LONGEST_MS = 300_000;
const LIMIT_MS = LONGEST_MS + 90_000;

const killed = scenario(async (run) => {
  const stream = run.target.requireBinding('stream');
  const [{ processed, consumers = [] }, settlesMs] = [stream, settlesMsOf(stream)];
  if (settlesMs > LONGEST_MS)
    throw new NotMeasured(
      `what a dead consumer leaves is taken over after ${settlesMs / 1_000} s, as \`stream.settles\` says: too long to be waited for`,
    );
  const adminUrl = await run.adminUrl('postgres');
  const tables = await tablesOf(adminUrl, processed);
  const kills: Kill[] = [];
  for (let round = 0; round < run.sized({ quick: 3, full: 5 }); round++) {
    const service = consumers[round % consumers.length] ?? '';
    kills.push(await killMidBatch(run, { adminUrl, tables, service }));
  }
  requireInHand(kills);
  const acknowledged = kills.flatMap((kill) => kill.acknowledged);
  await using watch = new EffectWatch(run, adminUrl);
  const startedAtMs = run.now();
  // What cannot be processed is tried while what the dead left is taken over.
  const [unprocessed, dead] = await Promise.all([watch.until(acknowledged, settlesMs), buried(run, adminUrl)]);
  return { kills, acknowledged, stranded: await strandedOf(run, unprocessed), tookMs: run.now() - startedAtMs, dead };
});

/** Only where the target says how: nothing is poisoned for nobody. What keeps it from being seen is no matter of the messages of the dead. */
async function buried(run: SuiteRun, adminUrl: string): Promise<readonly Poisoned[] | NotMeasured> {
  const { poison: fields, deadLetters } = run.target.requireBinding('stream');
  if (fields === undefined || deadLetters === undefined) return [];
  try {
    return await whatBecameOf(run, await poison(run, run.sized({ quick: 2, full: 8 })), adminUrl);
  } catch (error) {
    if (error instanceof NotMeasured) return error;
    throw error;
  }
}

function killsSeen(kills: readonly Kill[]): readonly Witness[] {
  return kills.map(({ service, inHand, proof }) => ({
    source: 'fault',
    saw: `${service} was killed with ${inHand} messages read and not processed: ${proof}`,
  }));
}

const lost = (standing: string): boolean => standing === 'dropped' || standing === 'gone';

for (const [claim, isMeant] of [
  ['lost', lost],
  ['pending', (standing: string) => !lost(standing)],
] as const) {
  check(
    `recovery.consumer_kill.${claim}`,
    async (run) => {
      const { kills, acknowledged, stranded, tookMs, window } = await killed(run);
      const meant = stranded.filter(({ standing }) => isMeant(standing));
      return {
        window,
        observation: { kind: 'count', trials: acknowledged.length, count: meant.length, examples: meant.slice(0, 5).map(wordsOf) },
        witnesses: [
          { source: 'responses', saw: `${acknowledged.length} messages acknowledged before a consumer was killed` },
          {
            source: 'database',
            saw: `${acknowledged.length - stranded.length} of them processed ${Math.round(tookMs)} ms after the last consumer was back`,
          },
          ...killsSeen(kills),
        ],
      };
    },
    { limitMs: LIMIT_MS },
  );
}

check(
  'recovery.dead_letters.kept',
  async (run) => {
    const { dead, window } = await killed(run);
    if (dead instanceof NotMeasured) throw dead;
    return {
      window,
      observation: {
        kind: 'boolean',
        attempts: dead.map((found) => ({ ok: found.isKept && found.blocked.length === 0, note: noteOf(found) })),
      },
      witnesses: [{ source: 'redis', saw: `${dead.filter(({ isKept }) => isKept).length} of ${dead.length} are among the dead letters` }],
    };
  },
  { limitMs: LIMIT_MS },
);

function noteOf({ value, key, isKept, standing, blocked, around }: Poisoned): string {
  const where = isKept ? `is kept in ${key}` : `is not in ${key}; in its stream it is ${standing}`;
  return `an entry that cannot be processed (${value}) ${where}; ${around - blocked.length} of the ${around} messages around it were processed`;
}
