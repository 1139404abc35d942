import type Docker from 'dockerode';
import { expect, it } from 'vitest';
import { describeEnd, exitOf, visiblePid } from './container-state.ts';

function ended(ExitCode: number, OOMKilled = false, Memory = 0): Docker.ContainerInspectInfo {
  return { State: { ExitCode, OOMKilled }, HostConfig: { Memory } } as unknown as Docker.ContainerInspectInfo;
}

it.each([
  [ended(0), 'exited with code 0'],
  [ended(3), 'exited with code 3'],
  [ended(137), 'was ended by SIGKILL'],
  [ended(143), 'was ended by SIGTERM'],
  [ended(137, true, 64 * 1024 * 1024), 'was killed for lack of memory (limit 64 MiB)'],
  [ended(137, true), 'was killed for lack of memory'],
])('says in words how a container ended', (info, words) => {
  expect(describeEnd(exitOf(info))).toBe(words);
});

it('takes no process of this host for the one of a container elsewhere', () => {
  expect(visiblePid('f'.repeat(64), process.pid)).toBeNull();
  expect(visiblePid('f'.repeat(64), 0)).toBeNull();
});
