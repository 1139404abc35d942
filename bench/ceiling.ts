import { spawnSync } from 'node:child_process';
import { closedLoop, constantRate, runLoad } from '../harness/load/index.ts';
import { startServer } from './child-server.ts';
import { httpAction } from './http-action.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';
import type { Rival, Round } from './rivals.ts';
import { autocannon, CONNECTIONS, SECONDS, wrk } from './rivals.ts';

const ROUNDS = 5;
/** Far more than any generator can send: the open loop then goes as fast as it can. */
const OVERLOAD_PER_SECOND = 100_000;
/** Enough to keep each agent busy for about `SECONDS`. */
const PER_AGENT = 2000;

const openLoop: Rival = {
  name: 'muster open loop',
  run: (origin) =>
    using(origin, async (action) => {
      const schedule = constantRate({ perSecond: OVERLOAD_PER_SECOND, durationMs: SECONDS * 1000 });
      const result = await runLoad({ schedule, action, warmupMs: 0, maxInFlight: CONNECTIONS, timeoutMs: 60_000, drainMs: 0 });
      return { perSecond: result.achievedPerSecond, cpuMicros: (result.cpuMs * 1000) / result.byOutcome.ok };
    }),
};

const closed: Rival = {
  name: 'muster closed loop',
  run: (origin) =>
    using(origin, async (action) => {
      const result = await closedLoop({ agents: CONNECTIONS, perAgent: PER_AGENT, timeoutMs: 10_000, action });
      return { perSecond: result.donePerSecond, cpuMicros: (result.cpuMs * 1000) / result.done };
    }),
};

/** How fast the generator can be, beside others on the same server in turns. Ratios, not numbers, travel between machines. */
export const ceiling: Bench = {
  name: 'ceiling',
  title: `Generator ceiling: ${CONNECTIONS} connections, null server, median of ${ROUNDS} interleaved rounds`,
  async run() {
    const server = await startServer('null-server.js');
    const hasWrk = spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined;
    const rivals = [...(hasWrk ? [wrk] : []), autocannon, closed, openLoop];
    const rounds = new Map<string, Round[]>(rivals.map((rival) => [rival.name, []]));
    try {
      for (let turn = 0; turn < ROUNDS; turn += 1) {
        for (const rival of rivals) rounds.get(rival.name)?.push(await rival.run(server.origin));
      }
    } finally {
      await server[Symbol.asyncDispose]();
    }
    const missing = hasWrk ? [] : [figure('wrk', null, 'rps', 'wrk is not installed (Debian package wrk)')];
    return [...missing, ...rivals.flatMap((rival) => speed(rival.name, rounds)), ...ratios(rounds)];
  },
};

function speed(name: string, rounds: ReadonlyMap<string, readonly Round[]>): Figure[] {
  const rates = (rounds.get(name) ?? []).map((round) => round.perSecond);
  const cpu = (rounds.get(name) ?? []).flatMap((round) => (round.cpuMicros === null ? [] : [round.cpuMicros]));
  return [figure(name, median(rates), 'rps', spread(rates)), figure(`${name} CPU`, median(cpu), 'µs/request', spread(cpu))];
}

function ratios(rounds: ReadonlyMap<string, readonly Round[]>): Figure[] {
  return [openLoop.name, closed.name].flatMap((own) =>
    [wrk.name, autocannon.name].flatMap((other) => {
      const theirs = rounds.get(other);
      if (theirs === undefined) return [];
      const pairs = (rounds.get(own) ?? []).flatMap((round, turn) => {
        const rate = theirs[turn]?.perSecond;
        return rate === undefined ? [] : [round.perSecond / rate];
      });
      return [figure(`${own} / ${other}`, median(pairs), 'ratio', spread(pairs))];
    }),
  );
}

async function using(origin: string, work: (action: ReturnType<typeof httpAction>['action']) => Promise<Round>): Promise<Round> {
  const { action, close } = httpAction(origin, CONNECTIONS);
  try {
    return await work(action);
  } finally {
    await close();
  }
}
