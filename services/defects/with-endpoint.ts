import type { SeamContext, Seams } from '../gateway/seams.ts';
import type { Endpoint } from '../shared/endpoint.ts';

type Change = (row: Endpoint, context: SeamContext) => Endpoint;

/** The router with another row in the place of one; the document still says what the healthy one does. */
export function withEndpoint(method: Endpoint['method'], path: Endpoint['path'], change: Change): Partial<Seams> {
  const isMeant = (row: Endpoint): boolean => row.method === method && row.path === path;
  return { endpoints: (rows, context) => rows.map((row) => (isMeant(row) ? change(row, context) : row)) };
}
