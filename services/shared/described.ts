import { z } from 'zod';
import { endpoint, json, type Endpoint } from './endpoint.ts';
import { openApiDocument, type DocumentInfo } from './openapi.ts';

/** The endpoints and one more, which says what all of them are as an OpenAPI 3.1 document. */
export function withDocument(endpoints: readonly Endpoint[], info: DocumentInfo): readonly Endpoint[] {
  const own = endpoint({
    method: 'get',
    path: '/openapi.json',
    summary: 'This interface as an OpenAPI 3.1 document',
    tag: 'documents',
    answers: { 200: z.record(z.string(), z.unknown()) },
    open: true,
    handle: () => json(200, document),
  });
  const all = [...endpoints, own];
  const document = openApiDocument(all, info);
  return all;
}
