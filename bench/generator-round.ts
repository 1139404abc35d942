import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import type { ChildServer } from './child-server.ts';
import type { Rival } from './rivals.ts';

/** What one generator did in one round, by the server's count and the kernel's clocks: the same for every generator. */
export interface Round {
  readonly perSecond: number;
  /** CPU of the whole generator process per request. */
  readonly cpuMicros: number;
  /** The part of it in the generator's own code, and the rest in the kernel. */
  readonly userMicros: number;
  readonly kernelMicros: number;
}

const SETTLE_MS = 800;
const MEASURE_MS = 1500;
/** Starting and a reserve at the end. */
const SECONDS = 4;

/** Runs a generator and looks at it at full speed, after its code is warm. */
export async function generatorRound(server: ChildServer, rival: Rival, rate: number | null = null): Promise<Round> {
  const [command, args] = rival.command(server.origin, SECONDS, rate);
  const child = spawn(command, args, { stdio: 'ignore' });
  const closed = once(child, 'close');
  try {
    await firstRequest(server);
    await delay(SETTLE_MS);
    const from = await look(server, child);
    await delay(MEASURE_MS);
    const to = await look(server, child);
    const requests = to.requests - from.requests;
    const cpuMicros = (to.cpuMicros - from.cpuMicros) / requests;
    const userShare = (to.userTicks - from.userTicks) / (to.ticks - from.ticks);
    return {
      perSecond: (requests * 1000) / (to.atMs - from.atMs),
      cpuMicros,
      userMicros: cpuMicros * userShare,
      kernelMicros: cpuMicros * (1 - userShare),
    };
  } finally {
    child.kill();
    await closed;
  }
}

async function firstRequest(server: ChildServer): Promise<void> {
  const before = Number(await server.ask());
  while (Number(await server.ask()) === before) await delay(20);
}

async function look(server: ChildServer, { pid = 0 }: ChildProcess) {
  const requests = Number(await server.ask());
  const atMs = performance.now();
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
  const [userTicks, kernelTicks] = [Number(fields[11]), Number(fields[12])];
  return { requests, atMs, cpuMicros: cpuMicrosOf(pid), userTicks, ticks: userTicks + kernelTicks };
}

/** To the nanosecond, over all threads; `stat` counts in ticks of 10 ms. */
function cpuMicrosOf(pid: number): number {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1'));
  return threads.reduce((sum, text) => sum + Number(text.split(' ')[0]) / 1000, 0);
}
