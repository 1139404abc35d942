import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { httpProbe, unmetExpectations } from './probes.ts';

let server: Server | null = null;
afterEach(() => server?.close());

async function serve(listener: RequestListener): Promise<number> {
  server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('httpProbe', () => {
  it('is ready when the status is 2xx and the body is as expected', async () => {
    const port = await serve((_, response) => response.end('{"status":"healthy"}'));
    expect(await httpProbe(port, { path: '/health', expect: { status: 'healthy' } }, [])()).toMatchObject({ ready: true });
  });

  it('says what it saw when the body is not as expected, without secrets', async () => {
    const port = await serve((_, response) => response.end('{"status":"starting",\n "key":"s3cr3t"}'));
    const sighting = await httpProbe(port, { path: '/health', expect: { status: 'healthy' } }, ['s3cr3t'])();
    expect(sighting).toEqual({
      ready: false,
      seen: 'GET /health answered 200 {"status":"starting", "key":"[redacted]"} (status is "starting", expected "healthy")',
    });
  });

  it('is not ready at 503, whatever the body', async () => {
    const port = await serve((_, response) => response.writeHead(503).end('{"status":"healthy"}'));
    const sighting = await httpProbe(port, { path: '/', expect: { status: 'healthy' } }, [])();
    expect(sighting).toEqual({ ready: false, seen: 'GET / answered 503 {"status":"healthy"}' });
  });

  it('names the error when nobody listens', async () => {
    const port = await serve((_, response) => response.end());
    server?.close();
    expect(await httpProbe(port, { path: '/health', expect: {} }, [])()).toEqual({
      ready: false,
      seen: 'GET /health failed with ECONNREFUSED',
    });
  });
});

describe('unmetExpectations', () => {
  it.each([
    ['nested values', '{"a":{"b":1}}', { 'a.b': 1 }, []],
    ['another type', '{"a":"1"}', { a: 1 }, ['a is "1", expected 1']],
    ['absence', '{}', { 'a.b': true }, ['a.b is absent, expected true']],
    ['no JSON', 'OK', { a: 1 }, ['a is absent, expected 1']],
    ['inherited properties', '{}', { constructor: 'x' }, ['constructor is absent, expected "x"']],
    ['nothing expected', 'OK', {}, []],
  ])('%s', (_, body, expected, unmet) => {
    expect(unmetExpectations(body, expected)).toEqual(unmet);
  });
});

describe('httpProbe at a base address', () => {
  it('keeps the path of the address and shows user and password', async () => {
    const seen: (string | undefined)[] = [];
    const port = await serve((request, response) => {
      seen.push(request.url, request.headers.authorization);
      response.end('{}');
    });
    const sighting = await httpProbe({ url: `http://user:p%40ss@127.0.0.1:${port}/api/`, tls: {} }, { path: '/health', expect: {} }, [])();
    expect(sighting.ready).toBe(true);
    expect(seen).toEqual(['/api/health', `Basic ${Buffer.from('user:p@ss').toString('base64')}`]);
  });

  it('does not follow a redirect', async () => {
    let asked = 0;
    const port = await serve((_, response) => {
      asked += 1;
      response.writeHead(302, { location: 'http://127.0.0.1:1/elsewhere' }).end();
    });
    expect(await httpProbe({ url: `http://127.0.0.1:${port}`, tls: {} }, { path: '/', expect: {} }, [])()).toEqual({
      ready: false,
      seen: 'GET / answered 302',
    });
    expect(asked).toBe(1);
  });
});
