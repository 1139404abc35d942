import type { Seams } from '../gateway/seams.ts';
import type { JsonAnswer, JsonCall, JsonClient } from '../shared/call-json.ts';

const ATTEMPTS = 20;

/** A call that failed is made again at once, many times: a service in trouble gets twenty times its load. */
export const RETRY_STORM: Partial<Seams> = {
  clients: (make) => (name, baseUrl, maxSockets) => {
    const client = make(name, baseUrl, maxSockets);
    return { ...client, call: (call) => (call.method === 'GET' ? client.call(call) : insist(client, call)) };
  },
};

async function insist(client: JsonClient, call: JsonCall): Promise<JsonAnswer> {
  for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
    const answer = await client.call(call).catch(() => null);
    if (answer !== null && answer.status < 500) return answer;
  }
  return client.call(call);
}
