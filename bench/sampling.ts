import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { processSampler } from '../harness/metrics/process-sampler.ts';
import type { Bench, Figure } from './result.ts';
import { figure, median, spread } from './result.ts';

const ROUNDS = 5;
const ROUND_MS = 4000;
const EVERY_MS = 250;
/** Like the reference stack: services with their threads, and the sessions of Postgres, which have one each. */
const NODES = 9;
const PLAIN = 40;
const TARGET = 0.005;

export const sampling: Bench = {
  name: 'sampling',
  title: `what sampling costs the process that samples, every ${EVERY_MS} ms, against ${NODES} Node and ${PLAIN} plain processes`,
  async run() {
    const root = await startTree();
    try {
      return await measure(root.pid ?? -1);
    } finally {
      root.stdin?.end();
      await once(root, 'exit');
    }
  },
};

async function measure(pid: number): Promise<readonly Figure[]> {
  const shares: number[] = [];
  const idle: number[] = [];
  let processes = 0;
  // The first round compiles the code and is not counted.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const resting = await cpuShare(ROUND_MS);
    const sampler = processSampler({ pids: () => [pid], intervalMs: EVERY_MS });
    const share = await cpuShare(ROUND_MS);
    processes = (await sampler.stop()).at(-1)?.processes ?? 0;
    if (round === 0) continue;
    idle.push(resting);
    shares.push(share);
  }
  return [
    figure('processes in the tree', processes, ''),
    figure(
      'CPU of the sampling process',
      percent(median(shares)),
      '% of a core',
      `target ${TARGET * 100} %; ${spread(shares.map((share) => share * 100))}`,
    ),
    figure('CPU of it when it does not sample', percent(median(idle)), '% of a core', spread(idle.map((share) => share * 100))),
  ];
}

const percent = (share: number | null): number | null => (share === null ? null : share * 100);

async function cpuShare(ms: number): Promise<number> {
  const [before, startedAtMs] = [process.cpuUsage(), performance.now()];
  await delay(ms);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000 / (performance.now() - startedAtMs);
}

/** Ends, with all its children, when its stdin is closed. */
async function startTree(): Promise<ChildProcess> {
  const script = `
    const { spawn } = require('node:child_process');
    const children = [];
    const stdio = ['pipe', 'ignore', 'ignore'];
    for (let n = 1; n < ${NODES}; n++) children.push(spawn(process.execPath, ['-e', 'process.stdin.resume().on("end", () => process.exit())'], { stdio }));
    for (let n = 0; n < ${PLAIN}; n++) children.push(spawn('cat', [], { stdio }));
    Promise.all(children.map((child) => new Promise((resolve) => child.once('spawn', resolve)))).then(() => setTimeout(() => console.log('there'), 1500));
    process.stdin.resume().on('end', () => process.exit());`;
  const root = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  if (root.stdout !== null) await once(root.stdout, 'data');
  return root;
}
