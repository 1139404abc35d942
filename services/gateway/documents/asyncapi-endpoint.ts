import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import type { Channel } from '../ws/channel.ts';
import { asyncApiDocument, type AsyncDocumentInfo } from './asyncapi.ts';

/** What goes over WebSocket: made from the same rows that the server runs. */
export function asyncApiEndpoint(channels: readonly Channel[], info: AsyncDocumentInfo): Endpoint {
  const document = asyncApiDocument(channels, info);
  return endpoint({
    method: 'get',
    path: '/asyncapi.json',
    summary: 'The WebSocket channels as an AsyncAPI 3 document',
    tag: 'documents',
    answers: { 200: z.record(z.string(), z.unknown()) },
    open: true,
    handle: () => json(200, document),
  });
}
