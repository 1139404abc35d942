import { performance } from 'node:perf_hooks';

/** Tells how far a process is behind with its own work. */
export interface LoopWatch {
  /** How long this turn of the event loop has lasted, when it has had no rest lately; otherwise 0. What is begun now has waited as long. */
  behindMs(): number;
  stop(): void;
}

const TICK_MS = 10;
const LOOK_EVERY_MS = 250;
/** A loop without any rest has more to do than it can. */
const RESTLESS = 0.95;
/** Unless it is others on the machine that keep it from its processor: that passes, and is no reason to refuse anybody. */
const OWN_CPU = 0.8;

export function watchLoop(): LoopWatch {
  let turnAtMs = performance.now();
  const now = () => ({ atMs: turnAtMs, usage: performance.eventLoopUtilization(), cpu: process.cpuUsage() });
  let look = now();
  let restless = false;
  // Timers come first in a turn: what is read from sockets comes after this.
  const timer = setInterval(() => {
    turnAtMs = performance.now();
    const elapsedMs = turnAtMs - look.atMs;
    if (elapsedMs < LOOK_EVERY_MS) return;
    const { user, system } = process.cpuUsage(look.cpu);
    const working = (user + system) / 1000 > OWN_CPU * elapsedMs;
    restless = working && performance.eventLoopUtilization(look.usage).utilization > RESTLESS;
    look = now();
  }, TICK_MS);
  timer.unref();
  return {
    behindMs: () => (restless ? performance.now() - turnAtMs : 0),
    stop: () => clearInterval(timer),
  };
}
