import { check, NotMeasured } from '../../harness/index.ts';
import { isSeen, repeat, repeatProblems, sameIn, type Repeated } from '../support/idempotency.ts';
import { inParallel } from '../support/in-parallel.ts';

/** Of one request so many copies are sent at once. */
const COPIES = 5;
const AT_ONCE = 3;

check(
  'lifecycle.idempotency.once',
  async (run) => {
    const { send, read, effect } = run.target.requireBinding('idempotent');
    if (read === undefined && effect === undefined)
      throw new NotMeasured('neither `idempotent.read` nor `idempotent.effect` is bound: how often a request was done cannot be seen');
    const same = sameIn(send.same);
    const rounds = Array.from({ length: run.sized({ quick: 12, full: 60 }) });
    const done = await inParallel(rounds, { width: AT_ONCE, signal: run.signal }, () => repeat(run, COPIES));
    const seen = done.filter((repeated) => isSeen(repeated, same));
    if (seen.length === 0)
      throw new NotMeasured(`none of ${done.length} requests was acknowledged and could be looked for afterwards: ${answersOf(done)}`);
    if (seen.every(({ together, again }) => [...together, again].every((answer) => answer.outcome !== 'ok' || same(answer) === null)))
      throw new NotMeasured(
        `no answer has what \`idempotent.send.same\` names (\`${send.same}\`): whether answers are alike cannot be seen`,
      );
    const wrong = seen.flatMap((repeated) => repeatProblems(repeated, same));
    return {
      observation: { kind: 'count', trials: seen.length, count: wrong.length, examples: wrong.slice(0, 5) },
      witnesses: [
        { source: 'responses', saw: `${done.length} requests, each sent ${COPIES} times at once and once more: ${answersOf(done)}` },
        {
          source: 'effects',
          saw: `${seen.length} of them looked for ${[read && 'through the target', effect && 'in the database'].filter(Boolean).join(' and ')}`,
        },
      ],
    };
  },
  { limitMs: 150_000 },
);

function answersOf(done: readonly Repeated[]): string {
  const counts = new Map<string, number>();
  for (const { status, error } of done.flatMap(({ together, again }) => [...together, again])) {
    const name = status === null ? (error ?? 'no answer') : String(status);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => `${count} × ${name}`).join(', ') || 'nothing was sent';
}
