import { Ajv, type ValidateFunction } from 'ajv';
import { send, type Json } from './client.ts';
import type { Gateway } from './stack.ts';

interface AsyncChannel {
  readonly address: string;
  readonly messages: Readonly<Record<string, { readonly payload: Json }>>;
}

interface AsyncOperation {
  readonly action: 'send' | 'receive';
  readonly messages: readonly { readonly $ref: string }[];
}

/** What is wrong with a frame that came on a channel, by the document that the gateway serves; null when nothing is. */
export type FrameCheck = (address: string, frame: unknown) => string | null;

export async function loadFrameCheck(gateway: Pick<Gateway, 'url'>): Promise<FrameCheck> {
  const { body: document } = await send(gateway, 'GET /asyncapi.json');
  // `format` and `pattern` are kept; what else the document says about itself is no schema.
  const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'date-time': (text) => !Number.isNaN(Date.parse(text)), uuid: UUID } });
  ajv.addSchema({ $id: 'document', ...document });
  const channels = document['channels'] as Readonly<Record<string, AsyncChannel>>;
  const operations = Object.values(document['operations'] as Readonly<Record<string, AsyncOperation>>);
  const sent = operations.filter(({ action }) => action === 'send').flatMap(({ messages }) => messages.map(({ $ref }) => $ref));
  const checks = new Map(
    Object.entries(channels).map(([name, { address, messages }]) => [
      address,
      Object.keys(messages)
        .map((message) => `#/channels/${name}/messages/${message}`)
        .filter((ref) => sent.includes(ref))
        .map((ref) => ajv.compile({ $ref: `document${ref}/payload` })),
    ]),
  );
  return (address, frame) => problemOf(checks.get(address), address, frame);
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function problemOf(checks: readonly ValidateFunction[] | undefined, address: string, frame: unknown): string | null {
  if (checks === undefined) return `the document has no channel ${address}`;
  if (checks.some((check) => check(frame))) return null;
  return `${address} sent what the document does not know: ${JSON.stringify(frame).slice(0, 400)}`;
}
