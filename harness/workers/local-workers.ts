import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { MusterError } from '../model/errors.ts';
import type { LoadTask } from './load-task.ts';
import type { LoadWorkers, OpenShares, Said, Told } from './messages.ts';

export interface LocalWorkersOptions {
  readonly count: number;
  /** All that the processes get of an environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Called with the pid of every worker as soon as it is known. */
  readonly onSpawn?: (pid: number) => void;
}

/** Time a worker has to close its sessions after its channel was closed; more than its own limit. */
const END_WITHIN_MS = 2_000;
/** What of a worker's last words is kept for the reason of its end. */
const KEPT_OUTPUT = 2_000;

/** Load workers as processes of this machine: started when the first load needs them, kept for the next, replaced when one is lost. */
export function localWorkers(options: LocalWorkersOptions): LoadWorkers {
  const idle: LocalWorker[] = [];
  const all = new Set<LocalWorker>();
  const take = (): LocalWorker => {
    const kept = idle.pop();
    if (kept?.alive === true) return kept;
    const made = new LocalWorker(options);
    all.add(made);
    return made;
  };
  return {
    count: async () => options.count,
    async open(tasks, hear) {
      const taken = tasks.map((task, index) => {
        const worker = take();
        worker.begin(task, (said) => hear(index, said));
        return worker;
      });
      return openShares(taken, (worker) => idle.push(worker));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([...all].map((worker) => worker.end()));
    },
  };
}

function openShares(workers: readonly LocalWorker[], giveBack: (worker: LocalWorker) => void): OpenShares {
  const tell = (told: Told): void => {
    for (const worker of workers) worker.tell(told);
  };
  return {
    go: (startAtMs) => tell({ kind: 'go', startAtMs }),
    abort: () => tell({ kind: 'abort' }),
    async [Symbol.asyncDispose]() {
      await Promise.all(
        workers.map(async (worker) => {
          if (worker.leave()) giveBack(worker);
          else await worker.kill();
        }),
      );
    },
  };
}

class LocalWorker {
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #output = '';
  #hear: (said: Said) => void = () => {};
  #busy = false;

  constructor({ env, onSpawn }: LocalWorkersOptions) {
    // A group of its own: a Ctrl-C in the terminal reaches only the supervisor. Started with no flags of ours (a debugger's port).
    this.#child = fork(workerProgram(), [], { detached: true, execArgv: [], env: { ...env }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#output = (this.#output + text).slice(-KEPT_OUTPUT);
    });
    this.#ended = this.#untilEnded();
    this.#child.on('message', (said: Said) => {
      if (said.kind === 'done' || said.kind === 'failed') this.#busy = false;
      this.#hear(said);
    });
    if (this.#child.pid !== undefined) onSpawn?.(this.#child.pid);
  }

  get alive(): boolean {
    return this.#child.connected && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  begin(task: LoadTask, hear: (said: Said) => void): void {
    this.#hear = hear;
    this.#busy = true;
    hear({ kind: 'taken', worker: `local ${this.#child.pid ?? ''}`.trimEnd() });
    this.tell({ kind: 'prepare', task });
  }

  tell(told: Told): void {
    // A worker that is gone is heard of by its end.
    if (this.#child.connected) this.#child.send(told, () => undefined);
  }

  /** Nobody listens any more; whether it can do another share. */
  leave(): boolean {
    this.#hear = () => {};
    return this.alive && !this.#busy;
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Lets it close what it holds. */
  async end(): Promise<void> {
    this.leave();
    if (this.#child.connected) this.#child.disconnect();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), END_WITHIN_MS);
    await this.#ended;
    clearTimeout(late);
  }

  /** `close` does not come after a channel was closed from here, so what it stands for is awaited: the end, and all that was written. */
  async #untilEnded(): Promise<void> {
    const child = this.#child;
    const written = child.stderr === null || child.pid === undefined ? null : once(child.stderr, 'close');
    const reason = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      child.once('exit', (code, signal) => resolve(signal === null ? `ended with code ${code ?? 'unknown'}` : `was ended by ${signal}`));
    });
    await written;
    const words =
      this.#output
        .split('\n')
        .find((line) => /error/iu.test(line))
        ?.trim() ?? '';
    this.#hear({ kind: 'lost', reason: words === '' ? reason : `${reason} (${words.slice(0, 200)})` });
  }
}

/** The compiled program; when this file runs from its source (tests), the one in `dist`. */
function workerProgram(): string {
  const compiled = fileURLToPath(new URL('./worker-main.js', import.meta.url));
  const program = existsSync(compiled) ? compiled : fileURLToPath(new URL('../../dist/harness/workers/worker-main.js', import.meta.url));
  if (existsSync(program)) return program;
  throw new MusterError('The program of the load workers, dist/harness/workers/worker-main.js, does not exist.', {
    code: 'MUSTER_WORKER_MISSING',
    blame: 'harness',
    hint: 'Run `npm run build`.',
  });
}
