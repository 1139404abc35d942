import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { processInfo } from '../../harness/supervisor.ts';
import { signalKeeper, within } from './put-away.ts';

describe('signalKeeper', () => {
  it('ends the process that is meant, and is harmless once that is gone', async () => {
    const child = spawn('sleep', ['60'], { stdio: 'ignore' });
    await once(child, 'spawn');
    const keeper = { pid: child.pid ?? -1, startTime: processInfo(child.pid ?? -1)?.startTime ?? '' };
    const ended = once(child, 'exit');

    signalKeeper({ ...keeper, startTime: 'of another process' }, 'SIGKILL');
    signalKeeper(keeper, 'SIGTERM');
    expect(await ended).toEqual([null, 'SIGTERM']);
    expect(() => signalKeeper(keeper, 'SIGTERM')).not.toThrow();
  });
});

describe('within', () => {
  it('gives the answer, or says that there is none', async () => {
    expect(await within(Promise.resolve('here'), 1_000)).toBe('here');
    await expect(within(Promise.reject(new Error('gone')), 1_000)).rejects.toThrow('gone');
    await expect(within(new Promise(() => undefined), 20)).rejects.toThrow('no answer within 20 ms');
  });
});
