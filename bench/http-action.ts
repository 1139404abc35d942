import type { Action, Call, Operation } from '../harness/load/index.ts';
import type { Outcome } from '../harness/model/outcome.ts';
import { createLoadHttp, headerBlock, type LoadAnswer, type LoadHttp, type LoadRequest } from '../harness/target/index.ts';

const REQUEST: LoadRequest = { method: 'GET', path: '/', headers: headerBlock({}), body: null };

/** GET / as the operations of a load send it: without a promise. Disposes of the client. */
export function httpOperation(http: LoadHttp): Operation {
  return {
    name: 'get',
    start(call: Call) {
      call.cancel = http.send(REQUEST, {
        answered: ({ status, bytes }) => call.end(outcomeOf(status), bytes),
        crashed: (error) => call.crash(error),
      });
    },
    async [Symbol.asyncDispose]() {
      await http[Symbol.asyncDispose]();
    },
  };
}

/** GET / over kept-alive connections, for those who need the answer in hand. */
export function httpAction(origin: string, connections: number): { readonly action: Action; readonly close: () => Promise<void> } {
  const http = createLoadHttp({ url: origin, connections });
  const action: Action = async (_, signal) => {
    const { status, bytes } = await answerOf(http, signal);
    return { outcome: outcomeOf(status), bytes };
  };
  return { action, close: async () => http[Symbol.asyncDispose]() };
}

function answerOf(http: LoadHttp, signal: AbortSignal): Promise<Pick<LoadAnswer, 'status' | 'bytes'>> {
  return new Promise((resolve, reject) => {
    const cancel = http.send(REQUEST, { answered: over, crashed: reject });
    const stop = (): void => {
      cancel();
      resolve({ status: null, bytes: 0 });
    };
    signal.addEventListener('abort', stop);
    function over(answer: LoadAnswer): void {
      signal.removeEventListener('abort', stop);
      resolve(answer);
    }
  });
}

function outcomeOf(status: number | null): Outcome {
  if (status === null) return 'unknown';
  return status === 200 ? 'ok' : 'wrong';
}
