import { describe, expect, it } from 'vitest';
import { Conversation } from './conversation.ts';
import { ReadCounter, shapeOf, type ReadsByShape } from './reads.ts';

function talk(...turns: readonly (readonly [commands: readonly string[], answers: string])[]): {
  readonly totals: ReadsByShape;
  readonly deaf: string | null;
} {
  const counter = new ReadCounter();
  const conversation = new Conversation(counter);
  for (const [commands, answers] of turns) {
    for (const command of commands) conversation.fromClient(Buffer.from(encoded(command.split(' '))));
    conversation.fromServer(Buffer.from(answers));
  }
  return { totals: counter.totals(), deaf: conversation.deaf };
}

function encoded(words: readonly string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`;
}

const reads = (hits: number, misses: number, refused = 0) => ({ hits, misses, refused });

describe('what is counted', () => {
  it('is each key of the commands that read, and nothing else', () => {
    const { totals } = talk(
      [['GET cache:1', 'GET cache:2'], '$1\r\nx\r\n$-1\r\n'],
      [['MGET cache:1 cache:2 user:3'], '*3\r\n$1\r\nx\r\n$-1\r\n$1\r\ny\r\n'],
      [['HGET h f', 'HMGET h a b', 'HGETALL h', 'HGETALL empty'], '$-1\r\n*2\r\n$1\r\nx\r\n$-1\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n*0\r\n'],
      [['GETEX cache:1 EX 10'], '$1\r\nx\r\n'],
      [['EXISTS cache:1', 'TTL cache:1', 'XREADGROUP GROUP g c STREAMS s >', 'SET cache:9 x'], ':1\r\n:5\r\n*-1\r\n+OK\r\n'],
    );
    expect(totals).toEqual({
      'cache:*': reads(3, 2),
      'user:*': reads(1, 0),
      h: reads(2, 2),
      empty: reads(0, 1),
    });
  });

  it('is the same in the third version: nulls, maps, and messages in between', () => {
    const { totals, deaf } = talk(
      [['HELLO 3 AUTH user secret'], '%1\r\n$5\r\nproto\r\n:3\r\n'],
      [['GET cache:1'], '>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\nk\r\n|1\r\n+ttl\r\n:1\r\n_\r\n'],
      [['HGETALL h'], '%1\r\n+a\r\n+b\r\n'],
    );
    expect({ totals, deaf }).toEqual({ totals: { 'cache:*': reads(0, 1), h: reads(1, 0) }, deaf: null });
  });

  it('is neither when an access list refuses it', () => {
    const { totals } = talk([
      ['GET secret:1', 'GET cache:1'],
      "-NOPERM User app has no permissions to run the 'get' command\r\n$1\r\nx\r\n",
    ]);
    expect(totals).toEqual({ 'secret:*': reads(0, 0, 1), 'cache:*': reads(1, 0) });
  });

  it('is what a transaction brought, when it was executed', () => {
    const { totals } = talk(
      [['MULTI', 'GET cache:1', 'INCR n', 'GET cache:2', 'EXEC'], '+OK\r\n+QUEUED\r\n+QUEUED\r\n+QUEUED\r\n*3\r\n$1\r\nx\r\n:1\r\n$-1\r\n'],
      [['MULTI', 'GET cache:3', 'DISCARD', 'GET cache:4'], '+OK\r\n+QUEUED\r\n+OK\r\n$1\r\nx\r\n'],
      [['MULTI', 'GET cache:5', 'EXEC'], '+OK\r\n+QUEUED\r\n*-1\r\n'],
    );
    expect(totals).toEqual({ 'cache:*': reads(2, 1) });
  });

  it('stops where commands and answers do not pair, and says why', () => {
    expect(talk([['SUBSCRIBE c'], '*3\r\n$9\r\nsubscribe\r\n$1\r\nc\r\n:1\r\n']).deaf).toBe('subscribe');
    expect(talk([['CLIENT REPLY OFF', 'GET a'], '']).deaf).toBe('client');
    expect(talk([[], '+OK\r\n']).deaf).toBe('an answer that nobody asked for');
    expect(talk([['GET a'], 'HTTP/1.1 400 Bad {}\r\n']).deaf).not.toBeNull();
  });
});

describe('the shape of a key', () => {
  it.each([
    ['cache:exec:6f1c2d3e-0000-4000-8000-000000000000:9a0b1c2d3e4f', 'cache:exec:*:*'],
    ['session:12', 'session:*'],
    ['user:anna:profile', 'user:anna:profile'],
    ['rate_limit', 'rate_limit'],
    ['cache:gen:x:memory_recall', 'cache:gen:x:memory_recall'],
  ])('%s is %s', (key, shape) => {
    expect(shapeOf(key)).toBe(shape);
  });
});
