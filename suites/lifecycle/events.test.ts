import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { check, extract, NotMeasured, numberIn, type EventStream, type SuiteRun } from '../../harness/index.ts';
import { judgeEvents, type Look, type Told } from '../support/event-truth.ts';
import { openAll } from '../support/open-all.ts';
import { append, makeKeys, pick, readBack, type RegisterKey } from '../support/register.ts';
import { lookUntil } from '../support/until.ts';
import { saidBy } from '../support/work-end.ts';

const WRITERS_PER_KEY = 2;
const PER_WRITER = 10;
/** Of so many appends one is sent again under its id with another value, which is to be refused. */
const REFUSED_EVERY = 3;
/** Time an event may take; whether all of them come is not judged here. */
const ARRIVE_MS = 5_000;
/** Listening goes on so long: what was refused has no event to wait for. */
const QUIET_MS = 300;
/** A subscription lives no longer than this check. */
const LISTEN_MS = 60_000;

type Event = ReturnType<EventStream['events']>[number];

interface Watched {
  readonly key: RegisterKey;
  readonly stream: EventStream;
  /** In the order in which the events came; each is looked at as soon as it is there. */
  readonly told: Promise<Told>[];
}

check('lifecycle.events.truth', async (run) => {
  const keys = await makeKeys(run, run.sized({ quick: 2, full: 8 }));
  const streams = await openAll(keys.map((key) => () => subscribe(run, key)));
  const watched = streams.map((stream, index): Watched => ({ stream, key: pick(keys, index), told: [] }));
  const watching = watched.map((one) => watch(run, one));
  const refused = new Map<string, string>();
  try {
    await Promise.all(watched.map((one) => listening(run, one)));
    const sent = await Promise.all(
      watched.flatMap(({ key }) => Array.from({ length: WRITERS_PER_KEY }, () => write(run, { key, refused }))),
    );
    await lookUntil(
      async () => new Set(watched.flatMap(({ stream }) => stream.events().map(({ value }) => value))),
      (seen) => sent.flat().every((value) => seen.has(value)),
      { withinMs: ARRIVE_MS, signal: run.signal },
    );
    await delay(QUIET_MS);
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
  }
  await Promise.all(watching);
  const told = await Promise.all(watched.map((one) => Promise.all(one.told)));
  const { shown } = await readBack(run, keys);
  const { trials, wrong } = judgeEvents({ told, refused, lists: shown });
  return {
    observation: { kind: 'count', trials, count: wrong.length, examples: wrong.slice(0, 5) },
    witnesses: [
      { source: 'event stream', saw: `${told.flat().length} events of ${keys.length} keys` },
      {
        source: 'reading on the event',
        saw: `${told.flat().filter((event) => event.look === 'there').length} of their changes were there`,
      },
      { source: 'responses', saw: `${refused.size} appends were refused` },
    ],
  };
});

async function subscribe(run: SuiteRun, { workspace, key }: RegisterKey): Promise<EventStream> {
  const opened = await run.target.openEvents({ workspace, key, agent: key });
  if (!opened.ok) throw new NotMeasured(`no subscription could be opened: ${opened.error}`);
  return opened.value;
}

/** Looks at every event when it comes, until the subscription is closed. */
async function watch(run: SuiteRun, { stream, key, told }: Watched): Promise<void> {
  for (let since = 0; ; ) {
    const next = await stream.next((event) => event.appended && event.key === key.key, { withinMs: LISTEN_MS, since });
    if (!next.ok) return;
    since = next.event.seq;
    told.push(toldBy(run, key, next.event));
  }
}

async function toldBy(run: SuiteRun, key: RegisterKey, { value, frame }: Event): Promise<Told> {
  const { fields = [], sequence } = run.target.requireBinding('events');
  return {
    key: key.key,
    value,
    look: await look(run, key, value),
    lacks: fields.filter((field) => (extract(field, frame.json) ?? null) === null),
    sequence: numberIn(sequence, frame.json) ?? null,
  };
}

/** Whether a read shows the value; one that may be stale is repeated until it may not be any longer. */
function look(run: SuiteRun, { workspace, key }: RegisterKey, value: string | null): Promise<Look> {
  return lookUntil(
    async (): Promise<Look> => {
      const { values } = await run.target.register.read({ workspace, key, op: randomUUID() }, { signal: run.signal });
      if (values === null) return 'unknown';
      return value !== null && values.includes(value) ? 'there' : 'missing';
    },
    (seen) => seen !== 'missing',
    { withinMs: run.target.requireBinding('register').read.stalenessMs ?? 0, signal: run.signal },
  );
}

/** One append after the other; some are sent again with another value under the id of the first. */
async function write(
  run: SuiteRun,
  { key: { workspace, key }, refused }: { readonly key: RegisterKey; readonly refused: Map<string, string> },
): Promise<readonly string[]> {
  const acknowledged: string[] = [];
  for (let index = 0; index < PER_WRITER && !run.signal.aborted; index += 1) {
    const [op, value, other] = [randomUUID(), randomUUID(), randomUUID()];
    const variables = { workspace, key, op, agent: key };
    const answer = await run.target.register.append({ ...variables, value }, { signal: run.signal });
    if (answer.outcome === 'ok') acknowledged.push(value);
    if (index % REFUSED_EVERY !== 0) continue;
    const again = await run.target.register.append({ ...variables, value: other }, { signal: run.signal });
    if (again.outcome === 'rejected') refused.set(other, saidBy(again));
  }
  return acknowledged;
}

/** A subscription may take a moment to be in force: appends until its first event is there. */
async function listening(run: SuiteRun, { stream, key }: Watched): Promise<void> {
  const heard = await lookUntil(
    async () => {
      await append(run, key, run.signal);
      return stream.events().some((event) => event.appended);
    },
    (is) => is,
    { withinMs: ARRIVE_MS, signal: run.signal },
  );
  if (!heard)
    throw new NotMeasured(
      `no event of ${key.key} came within ${ARRIVE_MS / 1000} s of appending to it: what does not come is neither true nor false`,
    );
}
