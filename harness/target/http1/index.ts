import { MusterError } from '../../model/errors.ts';
import type { TlsOptions } from '../../model/tls.ts';
import { Http1Pool } from './http1-pool.ts';
import type { LoadHttp } from './types.ts';
import { UndiciLoad } from './undici-load.ts';

export { headerBlock, type HeaderBlock } from './header-block.ts';
export type { AnswerHandler, LoadAnswer, LoadHttp, LoadHttpStats, LoadRequest } from './types.ts';

export interface LoadHttpOptions {
  /** Of one service. Only its origin is used: the path of a request is whole. */
  readonly url: string;
  /** Most connections at once; further requests wait in order. */
  readonly connections: number;
  /** For `https:`; absent: as Node does it by itself. */
  readonly tls?: TlsOptions;
}

/**
 * The HTTP client of the load generator: callbacks, no promise and no timer per request. `http:` goes over our own client, which costs
 * about half of the cheapest other one; `https:` over undici. Dispose of it: it holds connections, and what is under way is given up
 * without a call. The caller makes sure that the host is allowed.
 * @throws MusterError MUSTER_LOAD_URL for another protocol.
 */
export function createLoadHttp({ url, connections, tls }: LoadHttpOptions): LoadHttp {
  const parsed = new URL(url);
  if (parsed.protocol === 'http:') return new Http1Pool(parsed, connections);
  if (parsed.protocol === 'https:') return new UndiciLoad(parsed, connections, tls);
  throw new MusterError(`Load cannot be sent to ${parsed.protocol}//${parsed.host}: expected http: or https:.`, {
    code: 'MUSTER_LOAD_URL',
    blame: 'config',
    hint: 'Give the service an http or https address.',
  });
}
