import { check, NotMeasured, scenario, type Witness } from '../../harness/index.ts';
import { contendOnDatabase, type Contended } from '../support/contended-database.ts';
import type { LoggedDeadlock } from '../support/deadlock-log.ts';
import { COUNTER_LAG_MS } from '../support/settled-counter.ts';

const DEADLOCK = /\b40P01\b|deadlock detected/;
const SERIALIZATION = /could not serialize access/;
const SERIALIZATION_CODE = /\b40001\b/;
const SERVER_ERROR = 500;
const SHOWN = 5;

const contended = scenario(contendOnDatabase);

check('database.deadlocks.count', async (run) => {
  const seen = await contended(run);
  const { answers, logged, counted, fault, window } = seen;
  const told = answers.filter(({ text }) => DEADLOCK.test(text));
  const unclear = answers.filter(({ outcome }) => outcome === 'unknown').length;
  const count = Math.max(counted, logged?.deadlocks.length ?? 0, told.length);
  return {
    harnessFault: fault,
    window,
    observation: {
      kind: 'count',
      // Where deadlocks left nobody acknowledged they were seen all the same.
      trials: Math.max(seen.contested, count),
      count,
      examples: [...(logged?.deadlocks ?? []).map(sentenceOf), ...told.map(({ text }) => text.slice(0, 200))].slice(0, SHOWN),
    },
    witnesses: [
      { source: 'server log', saw: logged === null ? seen.unread : `${logged.deadlocks.length} deadlocks` },
      counterOf(seen),
      { source: 'responses', saw: `${told.length} of ${answers.length} appends tell of a deadlock, ${unclear} have no definite answer` },
    ],
  };
});

check('database.serialization.surfaced', async (run) => {
  const { answers, contested, logged, unread, fault, window } = await contended(run);
  const { told, failed } = failuresIn({ answers, logged, unread });
  // What was given up and repeated is in the log, and nobody has noticed.
  const surfaced = Math.max(told.length, Math.min(logged?.serialization ?? 0, failed.length));
  const shown = (told.length > 0 ? told : failed).slice(0, SHOWN);
  return {
    harnessFault: fault,
    window,
    observation: {
      kind: 'count',
      // Only what was acknowledged beside another had to be kept apart from it.
      trials: Math.max(contested, surfaced),
      count: surfaced,
      examples:
        surfaced === 0
          ? []
          : shown.map(({ value, key, status, text }) => `append ${value} to ${key}: ${status ?? 'none'} ${text.slice(0, 120)}`),
    },
    witnesses: [
      { source: 'server log', saw: logged === null ? unread : `${logged.serialization} transactions could not be serialized (40001)` },
      {
        source: 'responses',
        saw: `${failed.length} of ${answers.length} appends were answered with an error of the server, ${told.length} name the cause`,
      },
    ],
  };
});

interface Failures {
  /** Answers that name the cause. */
  readonly told: Contended['answers'];
  /** Answers with an error of the server. */
  readonly failed: Contended['answers'];
}

/** @throws NotMeasured when there are errors of which it cannot be said whether this was their cause. */
function failuresIn({ answers, logged, unread }: Pick<Contended, 'answers' | 'logged' | 'unread'>): Failures {
  // In an answer that is none of an error the code is a number like any other.
  const told = answers.filter(({ outcome, text }) => SERIALIZATION.test(text) || (outcome !== 'ok' && SERIALIZATION_CODE.test(text)));
  const errors = answers.filter(({ status }) => (status ?? 0) >= SERVER_ERROR);
  // 503 is given to those whom the target has no room for, and by some for every error of the database.
  const failed = errors.filter(({ outcome }) => outcome !== 'shed');
  if (told.length > 0 || errors.length === 0) return { told, failed };
  if (logged === null && failed.length > 0)
    throw new NotMeasured(
      `${failed.length} of ${answers.length} appends were answered with an error of the server, and why is in the log of Postgres alone: ${unread}`,
    );
  if (logged !== null && logged.serialization > 0 && failed.length === 0)
    throw new NotMeasured(
      `${logged.serialization} transactions could not be serialized, and ${errors.length} of ${answers.length} appends were answered 503: whether for that or for lack of room is not in the answers`,
    );
  return { told, failed };
}

function sentenceOf({ statements }: LoggedDeadlock): string {
  return statements.length === 0 ? 'two statements waited for each other' : `waited for each other: ${statements.join(' <-> ')}`;
}

function counterOf({ counted, isSettled }: Contended): Witness {
  const how = isSettled ? `after all that it may lag, ${COUNTER_LAG_MS / 1000} s` : 'at once; it may lag by up to 10 s';
  return { source: 'pg_stat_database', saw: `counter rose by ${counted} (read ${how})` };
}
