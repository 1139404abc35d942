import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProcessSample } from './process-sampler.ts';
import { processSampler } from './process-sampler.ts';

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** A Node process that runs `code` and says when it is there; it ends when its stdin is closed. */
async function start(code: string): Promise<number> {
  const script = `process.stdin.resume().on('end', () => process.exit()); ${code}; console.log('there')`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? Number.NaN;
}

/** Samples until `enough` holds for the samples so far. */
async function sampleUntil(
  pids: () => readonly number[],
  enough: (samples: readonly ProcessSample[]) => boolean,
): Promise<readonly ProcessSample[]> {
  const sampler = processSampler({ pids, intervalMs: 50 });
  while (!enough(sampler.samples)) await new Promise((resolve) => setTimeout(resolve, 20));
  return sampler.stop();
}

describe.runIf(existsSync('/proc/self/stat'))('processSampler', () => {
  it('sees a busy process use CPU, and an idle one hardly any', async () => {
    const idle = await start('');
    const busy = await start(
      'const spin = () => { const end = Date.now() + 50; while (Date.now() < end); setImmediate(spin); }; setImmediate(spin)',
    );
    const cpuOf = async (pid: number) => {
      const samples = await sampleUntil(
        () => [pid],
        (so) => so.length >= 10,
      );
      expect(samples[0]?.cores).toBeNull();
      const cores = samples.slice(1).map((sample) => sample.cores ?? Number.NaN);
      return cores.reduce((sum, value) => sum + value, 0) / cores.length;
    };
    const [idleCores, busyCores] = [await cpuOf(idle), await cpuOf(busy)];
    expect(busyCores).toBeGreaterThan(idleCores);
    // One thread: never more than about one core, and a fair share of it even on a crowded machine.
    expect(busyCores).toBeLessThan(1.5);
    expect(busyCores).toBeGreaterThan(0.05);
  });

  it('counts children, their memory and their descriptors with the root', async () => {
    const lone = await start('');
    const child =
      "require('node:child_process').spawn(process.execPath, ['-e', 'process.stdin.resume().on(\"end\", () => process.exit())'], { stdio: ['pipe', 'ignore', 'ignore'] })";
    const family = await start(child);
    const one = (
      await sampleUntil(
        () => [lone],
        (so) => so.length > 0,
      )
    ).at(-1);
    const two = (
      await sampleUntil(
        () => [family],
        (so) => so.some((sample) => sample.processes === 2 && (sample.fds ?? 0) > 30),
      )
    ).at(-1);
    expect(one?.processes).toBe(1);
    expect(two?.processes).toBe(2);
    expect(two?.fds).toBeGreaterThan(one?.fds ?? Number.NaN);
    expect(one?.rssBytes).toBeGreaterThan(10e6);
    expect(two?.rssBytes).toBeGreaterThan(one?.rssBytes ?? Number.NaN);
  });

  it('has a gap while the process is away and follows its successor', async () => {
    let pid = await start('');
    const sampler = processSampler({ pids: () => [pid], intervalMs: 20 });
    const until = async (enough: (last: ProcessSample | undefined) => boolean) => {
      while (!enough(sampler.samples.at(-1))) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await until((last) => last?.processes === 1);
    const [first] = children;
    first?.kill('SIGKILL');
    await until((last) => last?.processes === 0);
    expect(sampler.samples.at(-1)).toMatchObject({ cores: null, rssBytes: null, fds: null });
    pid = await start('');
    await until((last) => last?.processes === 1);
    expect((await sampler.stop()).at(-1)?.rssBytes).toBeGreaterThan(0);
  });
});
