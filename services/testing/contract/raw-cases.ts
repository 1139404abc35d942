import fc, { type Arbitrary } from 'fast-check';
import { netcatOf } from './call.ts';
import type { Campaign } from './campaign.ts';
import { junkText } from './junk.ts';
import { openWire } from './wire.ts';

const METHODS = ['GET', 'POST', 'get', 'CONNECT', 'PRI', 'G\0T', '', 'VERYLONGMETHODNAMETHATNOBODYKNOWS'];
const VERSIONS = ['HTTP/1.1', 'HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'http/1.1', ''];
const FIELDS = [
  'Host: localhost',
  'Host:',
  'Host: a b',
  'Host: [::1',
  'Content-Length: 5',
  'Content-Length: -1',
  'Content-Length: 99999999999999999999',
  'Content-Length: 5, 6',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: chunked, identity',
  'Transfer-Encoding: xchunked',
  'Connection: Upgrade',
  'Connection: close',
  'Upgrade: websocket',
  'Upgrade: h2c',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Version: 99',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Key: short',
  'Sec-WebSocket-Protocol: ,,',
  'Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=x',
  'Expect: 100-continue',
  'Expect: nonsense',
  'no colon here',
  ' folded: line',
  'Bad\0Name: x',
  `X-Long: ${'a'.repeat(20_000)}`,
  'Content-Type: application/json',
];
const BODIES = ['', '{}', 'hello', '5\r\nhello\r\n0\r\n\r\n', 'zz\r\nhello\r\n', 'ffffffffffffffffff\r\n', '{"query":"x"}'];
const OTHER_PROTOCOLS = [
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  'SSH-2.0-OpenSSH_9.6\r\n',
  '*1\r\n$4\r\nPING\r\n',
  '\r\n\r\n\r\n',
];

/** Bytes on a socket that HTTP does not allow, or only just. */
export function rawCampaign(name: string, url: string, paths: readonly string[]): Campaign<Uint8Array> {
  return {
    name: `bytes to ${name}`,
    cases: rawCases(paths),
    attempt: async (bytes) => {
      const wire = await openWire(url);
      try {
        wire.socket.end(bytes);
        await wire.until(() => false);
        const refused = /(?:^|\r\n)HTTP\/1\.1 (5\d\d)/.exec(wire.received().toString('latin1'));
        if (refused !== null) throw new Error(`it answered ${refused[1]}: ${wire.received().toString('latin1').slice(-300)}`);
      } finally {
        wire.socket.destroy();
      }
    },
    reproducer: (bytes) => netcatOf(url, bytes),
  };
}

function rawCases(paths: readonly string[]): Arbitrary<Uint8Array> {
  const targets = fc.oneof(
    fc.constantFrom(...paths, '/', '*', '//', '///x', '/\\', 'http://[/', 'http://example.org/health', '/%', '?', '#', '/health?#'),
    junkText().map((text) => `/${text}`),
  );
  const request = fc
    .record({
      method: fc.constantFrom(...METHODS.slice(0, 2), ...METHODS),
      target: targets,
      version: fc.constantFrom('HTTP/1.1', 'HTTP/1.1', ...VERSIONS),
      fields: fc.array(fc.constantFrom(...FIELDS), { maxLength: 7 }),
      body: fc.constantFrom(...BODIES),
      newline: fc.constantFrom('\r\n', '\r\n', '\r\n', '\n', '\r'),
    })
    .map(({ method, target, version, fields, body, newline }) =>
      [`${method} ${target} ${version}`, 'Host: localhost', ...fields, '', body].join(newline),
    );
  const upgrade = fc
    .tuple(targets, fc.constantFrom('websocket', 'WebSocket', 'h2c', 'nonsense'))
    .map(([target, protocol]) =>
      [
        `GET ${target} HTTP/1.1`,
        'Host: localhost',
        'Connection: Upgrade',
        `Upgrade: ${protocol}`,
        'Sec-WebSocket-Version: 13',
        'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
        '',
        '',
      ].join('\r\n'),
    );
  return fc.oneof(
    { weight: 5, arbitrary: request.map(bytesOf) },
    { weight: 2, arbitrary: upgrade.map(bytesOf) },
    { weight: 1, arbitrary: fc.array(request, { minLength: 2, maxLength: 4 }).map((requests) => bytesOf(requests.join(''))) },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) },
    { weight: 1, arbitrary: fc.constantFrom(...OTHER_PROTOCOLS).map(bytesOf) },
  );
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text, 'latin1');
}
