import type { SuiteRun } from '../../harness/index.ts';
import { ClassBook } from './classes.ts';
import type { Companion } from './companions.ts';
import { StageBook } from './stages.ts';
import { StreamLatency } from './stream-latency.ts';

interface Books extends AsyncDisposable {
  readonly classes: ClassBook;
  readonly stages: StageBook;
  readonly stream: StreamLatency | null;
  readonly companions: readonly Companion[];
}

/** What the companions of a load write down. */
export async function openBooks(run: SuiteRun): Promise<Books> {
  const [classes, stages, stream] = [new ClassBook(run), new StageBook(run), await streamLatency(run)];
  return {
    classes,
    stages,
    stream,
    companions: [...classes.companions, ...stages.companions, ...(stream === null ? [] : [stream.companion])],
    [Symbol.asyncDispose]: async () => stream?.[Symbol.asyncDispose](),
  };
}

async function streamLatency(run: SuiteRun): Promise<StreamLatency | null> {
  const isBound = run.spec.bindings.stream !== undefined && run.spec.services.some(({ kind }) => kind === 'postgres');
  const adminUrl = isBound ? (await run.service('postgres')).adminUrl : null;
  return adminUrl === null ? null : new StreamLatency(run, adminUrl);
}
