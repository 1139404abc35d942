import { setTimeout as delay } from 'node:timers/promises';
import { check, NotMeasured, scenario, type EventStream, type SuiteRun } from '../../harness/index.ts';
import { append, makeKeys, pick, type RegisterKey } from '../support/register.ts';
import { openAll } from '../support/open-all.ts';
import { lookUntil } from '../support/until.ts';

const KEYS = 3;
const WRITERS = 3;
/** Time an event may take before it counts as lost. */
const ARRIVE_MS = 5_000;
/** Listening goes on so long after everything has come: a second delivery is later than the first. */
const QUIET_MS = 1_500;

/** Appends by several writers while one subscriber per key listens; both sides are timed on one clock. */
const pushed = scenario(async (run) => {
  const keys = await makeKeys(run, KEYS);
  const streams = await openAll(keys.map((key) => () => subscribe(run, key)));
  const sent = new Map<string, { readonly key: string; readonly atMs: number }>();
  try {
    const attempted = new Set<string>();
    await Promise.all(streams.map((stream, index) => listening(run, { stream, key: pick(keys, index), attempted })));
    const perWriter = run.sized({ quick: 120, full: 300 });
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let index = 0; index < perWriter; index += 1) {
          const target = pick(keys, writer + index);
          const atMs = run.now() + run.startMonotonicMs;
          const done = await append(run, target, run.signal);
          attempted.add(done.value);
          if (done.outcome === 'ok') sent.set(done.value, { key: target.key, atMs });
        }
      }),
    );
    const arrivals = (): Map<string, number[]> => arrivalsOf(streams, keys);
    await lookUntil(
      async () => arrivals(),
      (seen) => [...sent.keys()].every((value) => seen.has(value)),
      { withinMs: ARRIVE_MS, signal: run.signal },
    );
    // What comes late or twice comes after the first: listen on for a while.
    await delay(QUIET_MS);
    return {
      sent,
      arrived: arrivals(),
      made: unsentValues({ streams, keys, sent: attempted }),
      foreign: filtersByKey(run) ? streams.flatMap((stream, index) => foreignEvents(stream, pick(keys, index).key)) : [],
    };
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
  }
});

check('websocket.events.delivery', async (run) => {
  const { sent, arrived, foreign, made, window } = await pushed(run);
  const wrong = [...foreign, ...made];
  for (const [value, { key }] of sent) {
    const times = arrived.get(value)?.length ?? 0;
    if (times === 0) wrong.push(`append ${value} to ${key} was acknowledged, its event did not come within ${ARRIVE_MS / 1000} s`);
    if (times > 1) wrong.push(`the event of append ${value} to ${key} came ${times} times`);
  }
  return {
    observation: { kind: 'count', trials: sent.size, count: wrong.length, examples: wrong.slice(0, 5) },
    window,
    witnesses: [
      { source: 'responses', saw: `${sent.size} appends acknowledged` },
      {
        source: 'event stream',
        saw: `${[...sent.keys()].filter((value) => arrived.has(value)).length} of their events arrived; listened on for ${QUIET_MS} ms`,
      },
    ],
  };
});

check('websocket.events.latency_p95', async (run) => {
  const { sent, arrived, window } = await pushed(run);
  const latencies = [...sent].flatMap(([value, { atMs }]) => {
    const at = arrived.get(value)?.[0];
    return [at === undefined ? ARRIVE_MS : at - atMs];
  });
  return {
    observation: { kind: 'quantile', q: 0.95, unit: 'ms', windows: inTime(latencies) },
    window,
    witnesses: [{ source: 'event stream', saw: 'from sending the request to the frame, on one clock' }],
  };
});

/** Events of other keys than the one subscribed to. */
function foreignEvents(stream: EventStream, key: string): readonly string[] {
  const foreign = stream.events().filter((event) => event.appended && event.key !== key);
  return foreign.map((event) => `an event of ${event.key ?? 'no key'} reached the subscriber of ${key}`);
}

async function subscribe(run: SuiteRun, { workspace, key }: RegisterKey): Promise<EventStream> {
  const opened = await run.target.openEvents({ workspace, key, agent: key });
  if (!opened.ok) throw new NotMeasured(`no subscription could be opened: ${opened.error}`);
  return opened.value;
}

interface Heard {
  readonly streams: readonly EventStream[];
  readonly keys: readonly RegisterKey[];
  /** Every value that was sent, whatever was answered. */
  readonly sent: ReadonlySet<string>;
}

/** Events of appends that were never made. */
function unsentValues({ streams, keys, sent }: Heard): readonly string[] {
  return streams.flatMap((stream, index) =>
    stream.events().flatMap(({ appended, key, value }) => {
      const isOwn = appended && value !== null && key === pick(keys, index).key;
      return isOwn && !sent.has(value) ? [`an event of ${value}, which was never appended`] : [];
    }),
  );
}

/** Values and when they came, each looked for on the stream of its own key only. */
function arrivalsOf(streams: readonly EventStream[], keys: readonly RegisterKey[]): Map<string, number[]> {
  const seen = new Map<string, number[]>();
  for (const [index, stream] of streams.entries()) {
    if (stream.dropped() > 0) throw new NotMeasured(`${stream.dropped()} frames were more than could be kept`);
    for (const event of stream.events()) {
      if (!event.appended || event.value === null || event.key !== pick(keys, index).key) continue;
      seen.set(event.value, [...(seen.get(event.value) ?? []), event.atMonotonicMs]);
    }
  }
  return seen;
}

/**
 * A subscription may take a moment to be in force after the handshake: appends until its first event is there. One that
 * stays deaf for the whole time is judged by the appends that count.
 */
async function listening(
  run: SuiteRun,
  { stream, key, attempted }: { readonly stream: EventStream; readonly key: RegisterKey; readonly attempted: Set<string> },
): Promise<void> {
  await lookUntil(
    async () => {
      attempted.add((await append(run, key, run.signal)).value);
      return stream.events().some((event) => event.appended);
    },
    (is) => is,
    { withinMs: ARRIVE_MS, signal: run.signal },
  );
}

/** Whether the subscription names the key at all; a stream of everything is no leak. */
function filtersByKey(run: SuiteRun): boolean {
  const { ws } = run.target.requireBinding('events');
  return [ws.path, ...Object.values(ws.headers)].some((text) => text.includes('${key}'));
}

/** Twenty stretches in the order of sending: whether slow ones come together is part of the evidence. */
function inTime(latencies: readonly number[]): readonly (readonly number[])[] {
  const size = Math.max(1, Math.ceil(latencies.length / 20));
  return Array.from({ length: Math.ceil(latencies.length / size) }, (_, index) => latencies.slice(index * size, (index + 1) * size));
}
