import type { Operation } from '../../load/index.ts';
import { headerBlock, type LoadHttp } from '../../target/index.ts';

/** Asks the built-in null server through the client of the loads: what the generator itself costs. `http` stays the caller's. */
export function nullOperation(http: LoadHttp): Operation {
  const request = { method: 'GET', path: '/', headers: headerBlock({ accept: '*/*' }), body: null };
  return {
    name: 'null server',
    start(call) {
      call.cancel = http.send(request, {
        answered: ({ status, bytes }) => call.end(status === 200 ? 'ok' : 'unknown', bytes),
        crashed: (error) => call.crash(error),
      });
    },
    async [Symbol.asyncDispose]() {},
  };
}
