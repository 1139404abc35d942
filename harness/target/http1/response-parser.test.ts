import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BODY_BYTES, MAX_HEAD_BYTES } from './limits.ts';
import { ResponseParser } from './response-parser.ts';
import { ANSWERS, type KnownAnswer, MALFORMED } from './testing/answers.ts';

interface Parsed {
  readonly state: string;
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  /** Bytes after the answer. */
  readonly rest: number;
}

/** Feeds the pieces through one buffer, as the sockets do, so that a parser that keeps a view of it is found out. */
function parse(pieces: readonly Buffer[], { bodyless = false, end = true } = {}): Parsed {
  const parser = new ResponseParser();
  parser.reset(bodyless);
  const shared = Buffer.alloc(Math.max(1, ...pieces.map((piece) => piece.length)));
  let rest = 0;
  for (const piece of pieces) {
    piece.copy(shared);
    rest += piece.length - (parser.state === 'reading' ? parser.push(shared, piece.length) : 0);
    shared.fill(0x21);
  }
  if (end) parser.end();
  const { head, state } = parser;
  return { state, status: head?.status ?? null, headers: head?.headers ?? {}, text: state === 'done' ? parser.text() : '', rest };
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const edges = [...new Set([0, ...at.map((edge) => edge % (bytes.length + 1)), bytes.length])].toSorted((a, b) => a - b);
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
}

const bytesOf = ({ raw }: KnownAnswer): Buffer => Buffer.from(raw, 'latin1');

describe('an answer', () => {
  it.each(ANSWERS.map((answer) => [answer.name, answer] as const))('is read: %s', (_, answer) => {
    const parsed = parse([bytesOf(answer)], { bodyless: answer.method === 'HEAD' });
    expect(parsed).toMatchObject({ state: 'done', status: answer.status, text: answer.text, rest: 0 });
    expect(parsed.headers).toMatchObject(answer.headers ?? {});
  });

  it.each(ANSWERS.map((answer) => [answer.name, answer] as const))('is the same however its bytes are split: %s', (_, answer) => {
    const bytes = bytesOf(answer);
    const whole = parse([bytes], { bodyless: answer.method === 'HEAD' });
    fc.assert(
      fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (at) => {
        expect(parse(cut(bytes, at), { bodyless: answer.method === 'HEAD' })).toEqual(whole);
      }),
    );
    expect(
      parse(
        Array.from(bytes, (byte) => Buffer.of(byte)),
        { bodyless: answer.method === 'HEAD' },
      ),
    ).toEqual(whole);
  });

  it.each(ANSWERS.filter(({ untilClose }) => untilClose !== true).map((answer) => [answer.name, answer] as const))(
    'needs all its bytes and takes no more: %s',
    (_, answer) => {
      const bytes = bytesOf(answer);
      const bodyless = answer.method === 'HEAD';
      expect(parse([bytes, Buffer.from('more')], { bodyless })).toMatchObject({ state: 'done', text: answer.text, rest: 4 });
      expect(parse([Buffer.concat([bytes, Buffer.from('more')])], { bodyless })).toMatchObject({
        state: 'done',
        text: answer.text,
        rest: 4,
      });
      for (let length = 0; length < bytes.length; length += 1) {
        expect(parse([bytes.subarray(0, length)], { bodyless, end: false }).state).toBe('reading');
        expect(parse([bytes.subarray(0, length)], { bodyless }).state).toBe('failed');
      }
    },
  );

  it('of any body and any chunks is read', () => {
    const sizes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 6 });
    fc.assert(
      fc.property(sizes, fc.array(fc.nat(2000), { maxLength: 5 }), (parts, at) => {
        const body = Buffer.concat(parts);
        const text = body.toString('utf8').replace(/^\ufeff/, '');
        const fixed = Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`), body]);
        expect(parse(cut(fixed, at))).toMatchObject({ state: 'done', text, rest: 0 });
        const chunks = parts.map((part) => Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
        const head = Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        expect(parse(cut(Buffer.concat([head, ...chunks, Buffer.from('0\r\n\r\n')]), at))).toMatchObject({ state: 'done', text, rest: 0 });
      }),
    );
  });
});

describe('what is no answer', () => {
  it.each(MALFORMED.map(({ name, raw }) => [name, raw] as const))('fails: %s', (_, raw) => {
    const bytes = Buffer.from(raw, 'latin1');
    expect(parse([bytes]).state).toBe('failed');
    expect(parse(Array.from(bytes, (byte) => Buffer.of(byte))).state).toBe('failed');
  });

  it.each(MALFORMED.filter(({ atOnce }) => atOnce === true).map(({ name, raw }) => [name, raw] as const))(
    'fails without waiting for the end of the connection: %s',
    (_, raw) => {
      expect(parse([Buffer.from(raw, 'latin1')], { end: false }).state).toBe('failed');
    },
  );

  it('never throws and always ends, whatever the bytes', () => {
    const soup = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom(...FRAGMENTS).map((text) => Buffer.from(text, 'latin1')),
      ),
      {
        maxLength: 25,
      },
    );
    fc.assert(
      fc.property(soup, fc.boolean(), (parts, bodyless) => {
        expect(['done', 'failed', 'too-large']).toContain(
          parse(
            parts.map((part) => Buffer.from(part)),
            { bodyless },
          ).state,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it('never throws for an answer with bytes changed', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...ANSWERS), damage, (answer, changes) => {
        const bytes = bytesOf(answer);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        const whole = parse([bytes]);
        expect(['done', 'failed', 'too-large']).toContain(whole.state);
        expect(parse(Array.from(bytes, (byte) => Buffer.of(byte))).state).toBe(whole.state);
      }),
      { numRuns: 1000 },
    );
  });
});

const FRAGMENTS = [
  'HTTP/1.1 200 OK\r\n',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.0 204 \r\n',
  'Content-Length: 5\r\n',
  'Transfer-Encoding: chunked\r\n',
  'Connection: close\r\n',
  'a: b\r\n',
  ' folded\r\n',
  '\r\n',
  '\r',
  '\n',
  '5\r\n',
  '0\r\n\r\n',
  'hello',
  'ffffffffffffff\r\n',
];

describe('our own limits', () => {
  it('end a head without end', () => {
    const head = `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(MAX_HEAD_BYTES)}`;
    expect(parse([Buffer.from(head)], { end: false }).state).toBe('too-large');
    expect(parse(cut(Buffer.from(head), [100, 3000, 20_000]), { end: false }).state).toBe('too-large');
  });

  it('admit a head up to the limit', () => {
    const start = 'HTTP/1.1 204 X\r\nx: ';
    const head = `${start}${'y'.repeat(MAX_HEAD_BYTES - start.length)}\r\n\r\n`;
    expect(parse([Buffer.from(head)], { end: false }).state).toBe('done');
  });

  it('end a body that is announced or turns out too large', () => {
    expect(parse([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${MAX_BODY_BYTES + 1}\r\n\r\n`)], { end: false }).state).toBe(
      'too-large',
    );
    const piece = Buffer.alloc(1024 * 1024, 0x78);
    const pieces = Array.from({ length: 17 }, () => piece);
    expect(parse([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), ...pieces], { end: false }).state).toBe('too-large');
    const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
    const chunked = [Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'), ...pieces.map(() => chunk)];
    expect(parse(chunked, { end: false }).state).toBe('too-large');
  });

  it('end chunk extensions and trailers without end', () => {
    const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
    expect(parse([Buffer.from(`${head}5;${'x'.repeat(MAX_HEAD_BYTES)}`)], { end: false }).state).toBe('too-large');
    expect(parse([Buffer.from(`${head}0\r\n${'x: y\r\n'.repeat(MAX_HEAD_BYTES)}`)], { end: false }).state).toBe('too-large');
  });
});
