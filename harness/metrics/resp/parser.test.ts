import { describe, expect, it } from 'vitest';
import { type Message, NotResp, RespParser } from './parser.ts';

function read(text: string, pieceBytes = Number.POSITIVE_INFINITY): readonly Message[] {
  const messages: Message[] = [];
  const parser = new RespParser((message) => messages.push(message));
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += pieceBytes) parser.read(bytes.subarray(at, at + pieceBytes));
  return messages;
}

const text = (value: string): Message => ({ kind: 'text', text: value });

/** Everything that both versions can say, one after the other. */
const ALL = [
  '+OK\r\n',
  '-NOPERM this user has no permissions\r\n',
  ':-12\r\n',
  '$5\r\nhe\r\no\r\n',
  '$0\r\n\r\n',
  '$-1\r\n',
  '*-1\r\n',
  '*0\r\n',
  '*3\r\n$1\r\na\r\n$-1\r\n*2\r\n:1\r\n+b\r\n',
  '_\r\n',
  '#t\r\n',
  ',3.14\r\n',
  '(3492890328409238509324850943850943825024385\r\n',
  '!5\r\nERR x\r\n',
  '=7\r\ntxt:abc\r\n',
  '~1\r\n+x\r\n',
  '%2\r\n+a\r\n:1\r\n+b\r\n_\r\n',
  '>2\r\n+invalidate\r\n*1\r\n$1\r\nk\r\n',
  '|1\r\n+ttl\r\n:3600\r\n',
  '*2\r\n|1\r\n+key\r\n+x\r\n:1\r\n:2\r\n',
].join('');

describe('RespParser', () => {
  it('reads both versions of the protocol', () => {
    expect(read(ALL)).toEqual([
      text('OK'),
      { kind: 'error', text: 'NOPERM this user has no permissions' },
      text('-12'),
      text('he\r\no'),
      text(''),
      { kind: 'null' },
      { kind: 'null' },
      { kind: 'list', items: [] },
      { kind: 'list', items: [text('a'), { kind: 'null' }, { kind: 'list', items: [text('1'), text('b')] }] },
      { kind: 'null' },
      text('t'),
      text('3.14'),
      text('3492890328409238509324850943850943825024385'),
      { kind: 'error', text: 'ERR x' },
      text('txt:abc'),
      { kind: 'list', items: [text('x')] },
      { kind: 'list', items: [text('a'), text('1'), text('b'), { kind: 'null' }] },
      { kind: 'push' },
      { kind: 'attribute' },
      { kind: 'list', items: [text('1'), text('2')] },
    ]);
  });

  it('reads the same however the bytes are cut', () => {
    for (const pieceBytes of [1, 2, 3, 5, 7, 64]) expect(read(ALL, pieceBytes)).toEqual(read(ALL));
  });

  it('keeps the beginning of a long text alone, and finds what comes after it', () => {
    const [long, next] = read(`$100000\r\n${'x'.repeat(100_000)}\r\n+next\r\n`, 1_000);
    expect(long).toEqual(text('x'.repeat(256)));
    expect(next).toEqual(text('next'));
  });

  it('reads a command that was typed', () => {
    expect(read('GET a:1\r\n\r\nPING\r\n')).toEqual([
      { kind: 'list', items: [text('GET'), text('a:1')] },
      { kind: 'list', items: [text('PING')] },
    ]);
  });

  it.each([
    '\u0016\u0003\u0001 hello\r\n',
    '$abc\r\n',
    '*1x\r\n',
    '$3\r\nabcdef',
    '*1\r\nGET\r\n',
    '*1\r\n'.repeat(40),
    'x'.repeat(70_000),
    `*200000\r\n${':1\r\n'.repeat(110_000)}`,
  ])('says so when it is no RESP: %j', (bytes) => {
    expect(() => read(bytes)).toThrow(NotResp);
  });
});
