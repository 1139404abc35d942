import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AgentsRound } from './agents-program.ts';
import { judged } from './target.ts';
import { startServer } from './child-server.ts';
import { type Bench, type Figure, figure, median, spread } from './result.ts';

const ROUNDS = 5;
const PROGRAM = fileURLToPath(new URL('agents-program.js', import.meta.url));

const AGENTS = 1_000;
const IDLE = 5_000;
/** What the process needs anyway is read off one with so many of them. */
const SHARE = 0.1;

/**
 * What a virtual agent costs: user-space memory, and whether the generator still sends in time meanwhile. The same load is done by a process
 * with a tenth of the agents: what it needs more with all of them is theirs.
 */
export const agents: Bench = {
  name: 'agents',
  title: '1000 virtual agents (execute and mcp at 400/s) and 5000 idle sockets of one worker',
  async run() {
    const pairs: Pair[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await using server = await startServer('agents-server.js');
      const of = (share: number): Promise<AgentsRound> => one([server.origin, String(AGENTS * share), String(IDLE * share)]);
      pairs.push({ few: await of(SHARE), all: await of(1) });
    }
    return figuresOf(pairs);
  },
};

interface Pair {
  readonly few: AgentsRound;
  readonly all: AgentsRound;
}

function figuresOf(pairs: readonly Pair[]): readonly Figure[] {
  const each = (bytes: (round: AgentsRound) => number): readonly number[] =>
    pairs.map((pair) => (bytes(pair.all) - bytes(pair.few)) / ((AGENTS + IDLE) * (1 - SHARE)) / 1024);
  const rounds = pairs.map(({ all }) => all);
  const row = (what: string, unit: string, of: (round: AgentsRound) => number): Figure => {
    const values = rounds.map(of);
    return figure(what, median(values), unit, spread(values));
  };
  const resident = each(({ rssBytes }) => rssBytes);
  const afterwards = each(({ rssAfterBytes }) => rssAfterBytes);
  const heap = each(({ heapBytes }) => heapBytes);
  return [
    judged('resident memory each', median(resident), 'KB', { atMost: 8, note: spread(resident) }),
    figure('resident memory each after the load', median(afterwards), 'KB', spread(afterwards)),
    figure('heap each', median(heap), 'KB', spread(heap)),
    row('opened', '', ({ opened }) => opened),
    row('time to open', 'ms', ({ openMs }) => openMs),
    row('CPU of the worker', '% of a core', ({ cpuShare }) => cpuShare * 100),
    row('event loop busy', '%', ({ elu }) => elu * 100),
    row('send lateness p99', 'ms', ({ latenessP99Ms }) => latenessP99Ms),
    row('latency p99', 'ms', ({ p99Ms }) => p99Ms),
    row('answered well', '%', ({ ok, scheduled }) => (ok / scheduled) * 100),
    row('time to close', 'ms', ({ closeMs }) => closeMs),
  ];
}

async function one(args: readonly string[]): Promise<AgentsRound> {
  const child = fork(PROGRAM, [...args], { execArgv: ['--expose-gc'] });
  const [round] = (await once(child, 'message')) as [AgentsRound];
  if (child.exitCode === null) await once(child, 'exit');
  return round;
}
