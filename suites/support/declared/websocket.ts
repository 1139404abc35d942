import { row } from './row.ts';

const suite = 'websocket';

export const WEBSOCKET = [
  row({
    id: 'websocket.mcp.crosstalk',
    suite,
    severity: 'P0',
    claim: 'with identical request ids in flight on many sockets, every answer reaches the socket that asked, and only that one',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['mcp'],
    owner: 'security',
    hint: 'Keep the pending request with its socket, never in a table keyed by the request id alone.',
  }),
  row({
    id: 'websocket.events.delivery',
    suite,
    severity: 'P0',
    claim: 'every acknowledged append reaches a connected subscriber as an event, exactly once',
    kind: 'count',
    unit: 'count',
    minSamples: 59,
    requires: ['events', 'register'],
    hint: 'Write the event in the transaction of the change (outbox) and publish it after commit.',
  }),
  row({
    id: 'websocket.events.latency_p95',
    suite,
    severity: 'P1',
    claim: 'a change reaches the subscriber in time, counted from its request (p95)',
    kind: 'quantile',
    unit: 'ms',
    pass: '< 200ms',
    nogo: '>= 500ms',
    requires: ['events', 'register'],
    hint: 'Publish on commit (LISTEN/NOTIFY or a wake-up), not on the next poll.',
  }),
  row({
    id: 'websocket.mcp.malformed',
    suite,
    severity: 'P1',
    claim: 'malformed frames are answered with the documented error and the connection and its neighbour live on',
    kind: 'boolean',
    minSamples: 3,
    requires: ['mcp'],
    hint: 'Answer -32700/-32600/-32601 and keep the socket; never let a parse error reach the process.',
  }),
];
