import { z } from 'zod';
import { liftDefinitions, schemaOf } from '../../shared/openapi.ts';
import type { Channel, Messages } from '../ws/channel.ts';

type Json = Readonly<Record<string, unknown>>;

export interface AsyncDocumentInfo {
  readonly title: string;
  readonly version: string;
  readonly description: string;
  /** Whether handshakes want a key. */
  readonly authenticated: boolean;
}

/** The AsyncAPI 3 document of the channels, with every schema that has an `id` as a component. */
export function asyncApiDocument(channels: readonly Channel[], info: AsyncDocumentInfo): Json {
  const described = Object.fromEntries(channels.map((row) => [nameOf(row.path), channelOf(row)]));
  const lifted = liftDefinitions({ channels: described });
  const { authenticated, ...about } = info;
  return {
    asyncapi: '3.0.0',
    info: about,
    defaultContentType: 'application/json',
    servers: {
      gateway: {
        host: 'localhost',
        protocol: 'ws',
        ...(authenticated ? { security: [{ $ref: '#/components/securitySchemes/bearer' }] } : {}),
      },
    },
    channels: lifted.value['channels'],
    operations: Object.fromEntries(channels.flatMap(operationsOf)),
    components: {
      schemas: lifted.definitions,
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'In the header Authorization, or as the subprotocol bearer.<key> beside muster-1.',
        },
      },
    },
  };
}

function channelOf(row: Channel): Json {
  const names = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  return {
    address: row.path,
    title: row.summary,
    servers: [{ $ref: '#/servers/gateway' }],
    ...(names.length === 0
      ? {}
      : { parameters: Object.fromEntries(names.map((name) => [name, { description: `the ${name} in the path` }])) }),
    messages: { ...messagesOf(row.sends, 'output'), ...messagesOf(row.receives, 'input') },
    bindings: {
      ws: { method: 'GET', ...(row.query === undefined ? {} : { query: schemaOf(row.query, 'input') }), bindingVersion: '0.1.0' },
    },
  };
}

function messagesOf(messages: Messages, io: 'input' | 'output'): Json {
  return Object.fromEntries(
    Object.entries(messages).map(([name, schema]) => [name, { name, contentType: 'application/json', payload: payloadOf(schema, io) }]),
  );
}

/** As a property of something, so that a schema with an `id` is referred to and not written out. */
function payloadOf(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { properties, $defs } = schemaOf(z.object({ payload: schema }), io) as { readonly properties: Json; readonly $defs?: Json };
  return { ...(properties['payload'] as Json), ...($defs === undefined ? {} : { $defs }) };
}

/** As the gateway sees it: it sends, it receives. */
function operationsOf(row: Channel): readonly (readonly [string, Json])[] {
  const channel = nameOf(row.path);
  const operation = (action: 'send' | 'receive', messages: Messages): readonly (readonly [string, Json])[] =>
    Object.keys(messages).length === 0
      ? []
      : [
          [
            `${action}_${channel}`,
            {
              action,
              channel: { $ref: `#/channels/${channel}` },
              summary: row.summary,
              messages: Object.keys(messages).map((name) => ({ $ref: `#/channels/${channel}/messages/${name}` })),
            },
          ],
        ];
  return [...operation('send', row.sends), ...operation('receive', row.receives)];
}

/** `/ws/agents/{id}` is `ws_agents_id`. */
function nameOf(path: string): string {
  return path
    .split(/\W+/)
    .filter((word) => word !== '')
    .join('_');
}
