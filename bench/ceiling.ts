import { spawnSync } from 'node:child_process';
import { startServer, type ChildServer } from './child-server.ts';
import { generatorRound, type Round } from './generator-round.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';
import { autocannon, closedLoop, CONNECTIONS, openLoop, type Rival, undiciOpenLoop, wrk } from './rivals.ts';

const ROUNDS = 5;
const FIXED_PER_SECOND = 5000;
const BEYOND = 1.2;

/** The open loop at a rate of its own. */
const sameRate: Rival = { ...openLoop };

type Rounds = ReadonlyMap<Rival, readonly Round[]>;

/**
 * What the generator costs and how fast it can be, with all it records, beside others on the same server in turns. Ratios, not numbers,
 * travel between machines.
 */
export const ceiling: Bench = {
  name: 'ceiling',
  title: `Generator cost and ceiling: ${CONNECTIONS} connections, null server, median of ${ROUNDS} interleaved rounds`,
  async run() {
    const hasWrk = spawnSync('wrk', ['-v'], { stdio: 'ignore' }).error === undefined;
    const server = await startServer('null-server.js');
    try {
      const peak = await fullSpeed(server, hasWrk);
      const fixed = await fixedRate(server);
      const missing = hasWrk ? [] : [figure('wrk', null, 'rps', 'wrk is not installed (Debian package wrk)')];
      return [
        ...missing,
        ...[...peak.keys()]
          .filter((rival) => rival !== sameRate)
          .flatMap((rival) => [speed(rival, peak), ...cost(rival, peak, 'at full speed')]),
        ...(hasWrk ? [ratio('rate', [openLoop, wrk], peak, (round) => round.perSecond)] : []),
        ratio('rate', [openLoop, autocannon], peak, (round) => round.perSecond),
        ...cost(sameRate, peak, "at autocannon's rate"),
        ratio("CPU per request at autocannon's rate", [sameRate, autocannon], peak, (round) => round.cpuMicros),
        ratio('its own code alone', [sameRate, autocannon], peak, (round) => round.userMicros),
        ...(hasWrk ? [ratio('floor: CPU per request', [wrk, autocannon], peak, (round) => round.cpuMicros)] : []),
        ...[...fixed.keys()].flatMap((rival) => cost(rival, fixed, `at ${FIXED_PER_SECOND}/s`)),
        ratio(`CPU per request at ${FIXED_PER_SECOND}/s`, [openLoop, autocannon], fixed, (round) => round.cpuMicros),
      ];
    } finally {
      await server[Symbol.asyncDispose]();
    }
  },
};

/**
 * An open loop has no full speed of its own: it is asked for somewhat more than the fastest of the others did in the same turn, which costs
 * it the arrivals that have to wait, too. Costs are compared at what autocannon did at its full speed in the same turn: the same work.
 */
async function fullSpeed(server: ChildServer, hasWrk: boolean): Promise<Rounds> {
  const others = hasWrk ? [wrk, autocannon, closedLoop] : [autocannon, closedLoop];
  const rounds = emptyRounds([...others, openLoop, undiciOpenLoop, sameRate]);
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    let most = 0;
    for (const rival of others) {
      const round = await generatorRound(server, rival);
      most = Math.max(most, round.perSecond);
      rounds.get(rival)?.push(round);
    }
    const work = rounds.get(autocannon)?.at(-1)?.perSecond ?? most;
    rounds.get(sameRate)?.push(await generatorRound(server, sameRate, Math.round(work)));
    for (const rival of [openLoop, undiciOpenLoop]) rounds.get(rival)?.push(await generatorRound(server, rival, Math.round(most * BEYOND)));
  }
  return rounds;
}

async function fixedRate(server: ChildServer): Promise<Rounds> {
  const rounds = emptyRounds([autocannon, openLoop, undiciOpenLoop]);
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    for (const [rival, own] of rounds) own.push(await generatorRound(server, rival, FIXED_PER_SECOND));
  }
  return rounds;
}

function emptyRounds(rivals: readonly Rival[]): Map<Rival, Round[]> {
  return new Map(rivals.map((rival) => [rival, []]));
}

function speed(rival: Rival, rounds: Rounds): Figure {
  const rates = (rounds.get(rival) ?? []).map((round) => round.perSecond);
  return figure(rival.name, median(rates), 'rps', spread(rates));
}

/** Kernel time is about the same for everybody; what a generator can help is its own. */
function cost(rival: Rival, rounds: Rounds, when: string): Figure[] {
  const all = rounds.get(rival) ?? [];
  const total = all.map((round) => round.cpuMicros);
  const user = median(all.map((round) => round.userMicros)) ?? 0;
  const kernel = median(all.map((round) => round.kernelMicros)) ?? 0;
  const note = `${user.toFixed(1)} own code, ${kernel.toFixed(1)} kernel; ${spread(total)}`;
  return [figure(`${rival.name} CPU ${when}`, median(total), 'µs/request', note)];
}

function ratio(what: string, [own, other]: readonly [Rival, Rival], rounds: Rounds, of: (round: Round) => number): Figure {
  const theirs = rounds.get(other) ?? [];
  const pairs = (rounds.get(own) ?? []).flatMap((round, turn) => {
    const against = theirs[turn];
    return against === undefined ? [] : [of(round) / of(against)];
  });
  return figure(`${what}, ${own.name} / ${other.name}`, median(pairs), 'ratio', spread(pairs));
}
