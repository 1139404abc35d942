import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { RunRecord } from '../harness/model/record.ts';
import { ON_THIS_MACHINE } from './run-muster.ts';

const MUSTER = fileURLToPath(new URL('../dist/scripts/muster.js', import.meta.url));
export const TARGETS = fileURLToPath(new URL('./targets/', import.meta.url));
export const KEPT = ['--target', join(TARGETS, 'kept.yaml')];
export const QUICK = [...KEPT, '--profile', 'quick', '--reuse'];
const CLEAN_WITHIN_MS = 5_000;
const SEEN_WITHIN_MS = 20_000;

interface Answer {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Answer>;
  /** Resolves when the text has appeared on stdout; rejects when the command ends without it. */
  says(text: string): Promise<void>;
}

export interface Status {
  readonly pid: number;
  readonly services: readonly { readonly name: string; readonly running: boolean; readonly restarts: number; readonly pid: number }[];
  readonly guest: { readonly runId: string } | null;
}

/** The temporary directory of a machine of its own, so that what is left in it can be seen; the folder of the stack is in it, too. */
export class Machine {
  readonly tmp: string;

  constructor(tmp: string) {
    this.tmp = tmp;
  }

  start(args: readonly string[], env: Readonly<Record<string, string>> = {}, cwd = this.tmp): Running {
    const child = spawn(process.execPath, [MUSTER, ...args], {
      cwd,
      env: { ...process.env, ...ON_THIS_MACHINE, ...env, TMPDIR: this.tmp },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const ended = once(child, 'close').then(([code]): Answer => ({ exitCode: code as number | null, stdout, stderr }));
    const says = (text: string): Promise<void> =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve();
        };
        child.stdout.on('data', look);
        look();
        void ended.then(() => reject(new Error(`it ended without saying ${text}:\n${stdout}\n${stderr}`)));
      });
    return { child, ended, says };
  }

  muster(...args: readonly string[]): Promise<Answer> {
    return this.start(args).ended;
  }

  async status(): Promise<Status> {
    const answer = await this.muster('status', '--json');
    if (answer.exitCode !== 0) throw new Error(answer.stderr);
    return JSON.parse(answer.stdout) as Status;
  }

  async recordIn(folder: string): Promise<RunRecord> {
    return JSON.parse(await readFile(join(this.tmp, folder, 'report.json'), 'utf8')) as RunRecord;
  }

  /** Directories, ledgers and keeper files that are still there when the time is up: others may be cleaning. */
  left(): Promise<readonly string[]> {
    return until(
      async () =>
        (await readdir(this.tmp, { recursive: true })).filter((name) => /^muster-(?!report|ledgers$|up-\d+$)|\.ndjson$/u.test(name)),
      (names) => names.length === 0,
      CLEAN_WITHIN_MS,
    );
  }
}

/** A test with a machine of its own, on which nothing stays up. */
export function onMachine(work: (machine: Machine) => Promise<void>): () => Promise<void> {
  return async () => {
    const machine = new Machine(await mkdtemp(join(tmpdir(), 'mu-')));
    await chmod(machine.tmp, 0o711);
    try {
      await work(machine);
    } finally {
      if ((await machine.left()).length > 0) await machine.muster('down', '--all');
      await rm(machine.tmp, { recursive: true, force: true });
    }
  };
}

/** What is seen last: what was waited for, unless the time was up. */
export async function until<T>(look: () => Promise<T>, isEnough: (seen: T) => boolean, withinMs = SEEN_WITHIN_MS): Promise<T> {
  const end = performance.now() + withinMs;
  for (;;) {
    const seen = await look();
    if (isEnough(seen) || performance.now() > end) return seen;
    await delay(50);
  }
}
