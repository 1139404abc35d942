import type { Seams } from '../gateway/seams.ts';

const A_DAY_MS = 86_400_000;

/** A client made without a limit: work that is sent to a silent service never ends. Probes of health have their own. */
export const HANG_WITHOUT_TIMEOUT: Partial<Seams> = {
  clients: (make) => (name, baseUrl, maxSockets) => {
    const client = make(name, baseUrl, maxSockets);
    return { ...client, call: (call) => client.call(call.method === 'GET' ? call : { ...call, timeoutMs: A_DAY_MS }) };
  },
};
