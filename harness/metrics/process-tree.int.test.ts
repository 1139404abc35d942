import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Kinship } from './kinship.ts';
import { readStat } from './proc-files.ts';
import { ProcessTree } from './process-tree.ts';

const MARKER = 'MUSTER_TEST_MARK';
const started: number[] = [];

afterEach(() => {
  for (const pid of started.splice(0)) process.kill(pid, 'SIGKILL');
});

/** A service that, when it is told to, starts `command` as a daemon: its parent has ended when the pid is told. */
async function service(command: string) {
  const shell = spawn('sh', ['-c', `echo up; read go; (${command} >/dev/null 2>&1 & echo $!); echo done; read end`], {
    env: { ...process.env, [MARKER]: 'one' },
    detached: true,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const pid = shell.pid ?? 0;
  started.push(pid);
  let said = '';
  shell.stdout.on('data', (bytes: Buffer) => (said += bytes.toString()));
  await once(shell.stdout, 'data');
  const daemon = async (): Promise<number> => {
    shell.stdin.write('\n');
    while (!said.includes('done')) await once(shell.stdout, 'data');
    const daemonPid = Number(said.split('\n')[1]);
    started.push(daemonPid);
    return daemonPid;
  };
  return { pid, daemon };
}

describe.runIf(existsSync('/proc/stat'))('ProcessTree with kinship', () => {
  it.each([
    ['another session by the mark of its service', 'setsid sleep 60'],
    ['no environment by the session of its service', 'env -i /bin/sleep 60'],
  ])('knows a daemon in %s', async (_, command) => {
    using tree = new ProcessTree(new Kinship(MARKER));
    using plain = new ProcessTree();
    const { pid, daemon } = await service(command);
    for (const one of [tree, plain]) one.members([process.pid, pid], 0);
    const daemonPid = await daemon();
    const found = (of: ProcessTree) => of.members([process.pid, pid], 1000).find((member) => member.pid === daemonPid);
    expect(found(tree)).toMatchObject({ root: process.pid, isNewborn: true });
    expect(found(plain)).toBeUndefined();
  });

  it('knows one that was there before it looked, and keeps it when its service is another process', async () => {
    using tree = new ProcessTree(new Kinship(MARKER));
    const { pid, daemon } = await service('setsid sleep 60');
    const daemonPid = await daemon();
    const found = (roots: readonly number[], atMs: number) => tree.members(roots, atMs).find((member) => member.pid === daemonPid);
    expect(found([process.pid, pid], 0)).toMatchObject({ isNewborn: false });
    expect(found([process.pid], 1000)).toBeDefined();
  });

  it('does not take what shows neither for its own', async () => {
    using tree = new ProcessTree(new Kinship(MARKER));
    const { pid, daemon } = await service('env -i setsid /bin/sleep 60');
    tree.members([process.pid, pid], 0);
    const daemonPid = await daemon();
    while (readStat(daemonPid)?.session !== daemonPid) await delay(5);
    expect(tree.members([process.pid, pid], 1000).map((member) => member.pid)).not.toContain(daemonPid);
  });
});
