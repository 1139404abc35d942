import type { Call, MixEntry, Operation } from '../../../load/index.ts';
import type { Outcome } from '../../../model/outcome.ts';
import type { Bindings, Target } from '../../../model/target.ts';
import { tlsByService } from '../../../model/tls.ts';
import { createLoadHttp, createTargetClient, type LoadHttp } from '../../../target/index.ts';
import { targetWith } from '../../../target/testing/loopback.ts';
import { operationFor, type OperationContext } from '../index.ts';

export interface Ended {
  readonly outcome: Outcome;
  readonly bytes: number;
}

export interface Driven extends AsyncDisposable {
  readonly operation: Operation;
  readonly opening: { readonly opened: number; readonly failed: number; readonly of: number };
  /** Opens the agents 0 … n-1. */
  open(agents: number): Promise<void>;
  /** One arrival; rejects with what the operation crashed with. */
  call(agent?: number): Promise<Ended>;
  /** One arrival that is given up after `cut`; resolves with what it ended with until then. */
  cut(agent: number, cut: Promise<unknown>): Promise<Ended | 'cut'>;
}

export interface DriveOptions {
  readonly url: string;
  readonly bindings?: Bindings;
  readonly target?: Partial<Target>;
  readonly adminUrls?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
}

export interface Later<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

export function later<T>(): Later<T> {
  let resolve: Later<T>['resolve'] = () => undefined;
  let reject: Later<T>['reject'] = () => undefined;
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}

/** One operation by itself, as a worker makes it, with one service `api`. */
export function drive(entry: Omit<MixEntry, 'weight'>, options: DriveOptions): Driven {
  const { context, doors } = contextOf(options);
  const operation = operationFor({ weight: 1, ...entry }, context);
  let index = 0;
  const begin = (agent: number): { readonly call: Call; readonly ended: Promise<Ended> } => {
    const { promise, resolve, reject } = later<Ended>();
    const end: Call['end'] = (outcome, bytes = 0) => resolve({ outcome, bytes });
    const call: Call = { arrival: { index, dueMs: 0, agent }, cancel: null, end, crash: reject };
    index += 1;
    operation.start(call);
    return { call, ended: promise };
  };
  return {
    operation,
    opening: context.opening,
    open: async (agents) =>
      operation.open?.(
        Array.from({ length: agents }, (_, agent) => agent),
        new AbortController().signal,
      ),
    call: (agent = 0) => begin(agent).ended,
    async cut(agent, cut) {
      const { call, ended } = begin(agent);
      const first = await Promise.race([ended, cut.then(() => 'cut' as const)]);
      call.cancel?.();
      return first;
    },
    async [Symbol.asyncDispose]() {
      await operation[Symbol.asyncDispose]();
      await Promise.all([...doors, context.client].map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

function contextOf({ url, bindings = {}, adminUrls = {}, timeoutMs = 2_000, ...options }: DriveOptions): {
  readonly context: OperationContext;
  readonly doors: readonly LoadHttp[];
} {
  const target = { ...targetWith(bindings), ...options.target };
  const urls = { api: url };
  const doors: LoadHttp[] = [];
  const tls = tlsByService(target.services);
  const http = (service: string): LoadHttp => {
    const door = createLoadHttp({ url, connections: 64, tls: tls(service) });
    doors.push(door);
    return door;
  };
  const client = createTargetClient({ target, urls, timeoutMs });
  const adminUrl = (service: string): string | null => adminUrls[service] ?? null;
  const opening = { opened: 0, failed: 0, of: 0 };
  return { doors, context: { current: () => ({ plan: PLAN, round: 1 }), timeoutMs, target, urls, adminUrl, client, http, tls, opening } };
}

const PLAN = {
  id: 'test.load',
  suite: 'test',
  label: 'a test',
  shape: { kind: 'constant', perSecond: 1, durationMs: 1_000 },
  arrivals: 'even',
  seed: 1,
  agents: 1,
  mix: [],
  warmupMs: 0,
  maxInFlight: 1,
  timeoutMs: 2_000,
  drainMs: 0,
} as const;
