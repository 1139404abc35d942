import fc from 'fast-check';
import { inParallel } from '../in-parallel.ts';
import type { Api } from './api.ts';
import { casesOf, type CaseKind } from './cases.ts';
import type { Operation } from './document.ts';
import { brief } from './json.ts';
import type { ApiRequest } from './request.ts';

export interface RefusedTried {
  /** Refused requests before and after which the same was read. */
  readonly compared: number;
  readonly changed: readonly string[];
}

interface Trying {
  readonly seed: number;
  /** Spoiled requests per operation, of which those that are refused are compared. */
  readonly tries: number;
  readonly signal: AbortSignal;
}

interface Pair {
  readonly operation: Operation;
  readonly read: ApiRequest;
}

/** Sends spoiled bodies to what can be read at the same path, and reads it before and after each that was refused. One at a time: nothing else changes it. */
export async function tryRefused(api: Api, { seed, tries, signal }: Trying): Promise<RefusedTried> {
  const changed: string[] = [];
  let compared = 0;
  await inParallel(readableIn(api, seed), { width: 1, signal }, async (pair) => {
    for (const request of spoiledFor(api, pair, { seed, tries })) {
      const seen = await compare(api, pair.read, request);
      if (seen === null) continue;
      compared += 1;
      const again = seen.isChanged ? await confirmed(api, pair.read, request) : null;
      if (again !== null) changed.push(`${pair.operation.name} was refused with ${again.status}, and ${again.what}. ${api.curl(request)}`);
      if (again !== null || signal.aborted) return;
    }
  });
  return { compared, changed };
}

function readableIn(api: Api, seed: number): readonly Pair[] {
  const { operations } = api.document;
  return operations
    .filter(({ body }) => body !== null)
    .flatMap((operation) => {
      const reading = operations.find(({ method, path }) => method === 'GET' && path === operation.path);
      return reading === undefined ? [] : [{ operation, read: made(api, reading, { kind: 'bare', seed, count: 1 })[0] }];
    })
    .filter((pair): pair is Pair => pair.read !== undefined);
}

/** To the path that is read. */
function spoiledFor(api: Api, { operation, read }: Pair, { seed, tries }: Pick<Trying, 'seed' | 'tries'>): readonly ApiRequest[] {
  const path = read.path.split('?')[0] ?? '';
  return made(api, operation, { kind: 'spoiled body', seed, count: tries }).map((request) => ({ ...request, path }));
}

interface Wanted {
  readonly kind: CaseKind;
  readonly seed: number;
  readonly count: number;
}

function made(api: Api, operation: Operation, { kind, seed, count }: Wanted): readonly ApiRequest[] {
  const making = { ...api, headers: { ...api.headers, ...api.credentials } };
  return fc.sample(casesOf(operation, kind, making), { seed, numRuns: count }).map(({ request }) => request);
}

/** Refusals before anybody looked at the body. */
const NOT_FOR_THE_BODY = [401, 403, 404, 405, 429];

interface Compared {
  readonly isChanged: boolean;
  readonly status: number;
  readonly what: string;
}

/** So many times in turn nothing is sent and nothing changes, then it is sent and something does. */
const CONFIRMATIONS = 3;

/** What changes once, or twice, may be work of before that goes on by itself. null when it is not the request that changes what is read. */
async function confirmed(api: Api, read: ApiRequest, request: ApiRequest): Promise<Compared | null> {
  let last: Compared | null = null;
  for (let round = 0; round < CONFIRMATIONS; round += 1) {
    const [earlier, alone] = [await api.send(read), await api.send(read)];
    last = earlier.text === alone.text ? await compare(api, read, request) : null;
    if (last?.isChanged !== true) return null;
  }
  return last;
}

/** null when nothing can be said: not readable, moving by itself, or not refused. */
async function compare(api: Api, read: ApiRequest, request: ApiRequest): Promise<Compared | null> {
  const [earlier, before] = [await api.send(read), await api.send(read)];
  if (before.outcome !== 'ok' || earlier.text !== before.text) return null;
  const { status } = await api.send(request);
  if (status === null || status < 400 || status >= 500 || NOT_FOR_THE_BODY.includes(status)) return null;
  const [after, later] = [await api.send(read), await api.send(read)];
  if (after.outcome !== 'ok' || after.text !== later.text) return null;
  const what = `${read.path} then read ${brief(after.json ?? after.text, 200)} instead of ${brief(before.json ?? before.text, 200)}`;
  return { isChanged: after.text !== before.text, status, what };
}
