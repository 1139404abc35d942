import { z } from 'zod';
import { endpoint, json, type Endpoint } from '../../shared/endpoint.ts';
import { openApiDocument } from '../../shared/openapi.ts';
import type { Core } from '../core.ts';
import type { Feature } from '../feature.ts';
import { asyncApiEndpoint } from './asyncapi-endpoint.ts';

const document = z.record(z.string(), z.unknown());

/** Says what the gateway can be asked: made from the same rows that the router runs. */
export function documentsFeature({ config }: Core, features: readonly Feature[]): Feature {
  const endpoints: Endpoint[] = features.flatMap((feature) => feature.endpoints ?? []);
  const info = {
    title: 'Agent gateway',
    version: config.version,
    description: 'Reference agent services',
    authenticated: config.auth.required,
  };
  const own: readonly Endpoint[] = [
    endpoint({
      method: 'get',
      path: '/openapi.json',
      summary: 'This interface as an OpenAPI 3.1 document',
      tag: 'documents',
      answers: { 200: document },
      open: true,
      handle: () => json(200, openApi()),
    }),
    asyncApiEndpoint(
      features.flatMap((feature) => feature.channels ?? []),
      info,
    ),
  ];
  let made: unknown;
  /** Made once: it takes long enough to be a way to keep the process busy. */
  const openApi = (): unknown => (made ??= openApiDocument([...endpoints, ...own], info));
  return { endpoints: own };
}
