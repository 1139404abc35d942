import { check, NotMeasured, scenario, type EventStream, type SuiteRun } from '../../harness/index.ts';
import { append, makeKeys, pick, type RegisterKey } from '../support/register.ts';
import { lookUntil } from '../support/until.ts';

const KEYS = 3;
const WRITERS = 3;
/** Time an event may take before it counts as lost. */
const ARRIVE_MS = 5_000;

/** Appends by several writers while one subscriber per key listens; both sides are timed on one clock. */
const pushed = scenario(async (run) => {
  const keys = await makeKeys(run, KEYS);
  const streams = await Promise.all(keys.map((key) => subscribe(run, key)));
  const sent = new Map<string, { readonly key: string; readonly atMs: number }>();
  try {
    const perWriter = run.sized({ quick: 120, full: 300 });
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, writer) => {
        for (let index = 0; index < perWriter; index += 1) {
          const target = pick(keys, writer + index);
          const atMs = run.now() + run.startMonotonicMs;
          const done = await append(run, target, run.signal);
          if (done.outcome === 'ok') sent.set(done.value, { key: target.key, atMs });
        }
      }),
    );
    const arrivals = (): Map<string, number[]> => arrivalsOf(streams);
    await lookUntil(
      async () => arrivals(),
      (seen) => [...sent.keys()].every((value) => seen.has(value)),
      { withinMs: ARRIVE_MS, signal: run.signal },
    );
    return { sent, arrived: arrivals(), foreign: streams.flatMap((stream, index) => foreignEvents(stream, pick(keys, index).key)) };
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
  }
});

check('websocket.events.delivery', async (run) => {
  const { sent, arrived, foreign, window } = await pushed(run);
  const wrong = [...foreign];
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
      { source: 'event stream', saw: `${[...sent.keys()].filter((value) => arrived.has(value)).length} of their events arrived` },
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

function arrivalsOf(streams: readonly EventStream[]): Map<string, number[]> {
  const seen = new Map<string, number[]>();
  for (const stream of streams) {
    for (const event of stream.events()) {
      if (!event.appended || event.value === null) continue;
      seen.set(event.value, [...(seen.get(event.value) ?? []), event.atMonotonicMs]);
    }
  }
  return seen;
}

/** Twenty stretches in the order of sending: whether slow ones come together is part of the evidence. */
function inTime(latencies: readonly number[]): readonly (readonly number[])[] {
  const size = Math.max(1, Math.ceil(latencies.length / 20));
  return Array.from({ length: Math.ceil(latencies.length / size) }, (_, index) => latencies.slice(index * size, (index + 1) * size));
}
