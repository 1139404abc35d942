import asyncapi from '@asyncapi/specs';
import { Ajv } from 'ajv';
import { expect, it } from 'vitest';
import { send, type Json } from '../../testing/client.ts';
import { gatewayForFile } from '../../testing/file-stack.ts';

const { gateway } = await gatewayForFile();

it('serves an OpenAPI document', async () => {
  const { body } = await send(gateway, 'GET /openapi.json');
  expect(body['openapi']).toBe('3.1.1');
});

it('serves a valid AsyncAPI 3 document of all channels', async () => {
  const { body } = await send(gateway, 'GET /asyncapi.json');
  const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(asyncapi.schemasWithoutId['3.0.0'] as Json);
  expect(validate(body) ? [] : validate.errors?.slice(0, 5)).toEqual([]);
  const channels = Object.values(body['channels'] as Readonly<Record<string, { readonly address: string }>>);
  expect(channels.map(({ address }) => address).toSorted()).toEqual([
    '/ws',
    '/ws/agents/stream',
    '/ws/agents/{id}',
    '/ws/dashboard',
    '/ws/delegations/{id}',
    '/ws/mcp',
    '/ws/tasks/{id}',
  ]);
});

it('refers to nothing that is not there', async () => {
  const { body } = await send(gateway, 'GET /asyncapi.json');
  const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path]) => path ?? '');
  const missing = references.filter(
    (path) => path.split('/').reduce<unknown>((node, key) => (node as Json | undefined)?.[key], body) === undefined,
  );
  expect(references.length).toBeGreaterThan(20);
  expect(missing).toEqual([]);
});
