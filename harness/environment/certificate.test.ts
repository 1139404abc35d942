import { createServer as createPlainServer, type Server as PlainServer } from 'node:http';
import { createServer, type Server, type ServerOptions } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createAuthority } from '../model/testing/certificates.ts';
import { tlsOptionsOf, type TlsSettings } from '../model/tls.ts';
import { certificateFinding } from './certificate.ts';
import { httpProbe } from './probes.ts';

const authority = createAuthority('An Authority');
const certificate = authority.issue({ name: 'api', hosts: ['127.0.0.1', 'localhost'] });
let server: Server | PlainServer | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function secured(options: ServerOptions): Promise<string> {
  const started = createServer(options, (_request, response) => response.end('{}'));
  server = started;
  await new Promise<void>((resolve) => started.listen(0, '127.0.0.1', resolve));
  return `https://127.0.0.1:${(started.address() as AddressInfo).port}`;
}

async function found(url: string, tls: Partial<TlsSettings>): Promise<string | null> {
  const address = { url, tls: tlsOptionsOf({ ca: null, cert: null, key: null, serverName: null, ...tls }) };
  const { ready, seen } = await httpProbe(address, { path: '/', expect: {} }, [])();
  return ready ? 'ready' : certificateFinding({ name: 'web', ...address, seen });
}

describe('a probe over TLS', () => {
  it('is ready with the authority that is trusted', async () => {
    expect(await found(await secured(certificate), { ca: authority.cert })).toBe('ready');
  });

  it('that trusts nobody there says who issued the certificate, for what, and what to write', async () => {
    const url = await secured(certificate);
    await expect(found(url, {})).rejects.toMatchObject({
      code: 'MUSTER_CERTIFICATE',
      blame: 'config',
      message: `The certificate of "web" at ${url} is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE): it is for CN=api, IP Address:127.0.0.1, DNS:localhost, issued by CN=An Authority.`,
      hint: expect.stringContaining('services.web.tls.ca') as string,
    });
  });

  it('names both names when the certificate is for another', async () => {
    const url = await secured(authority.issue({ name: 'other', hosts: ['api.internal'] }));
    await expect(found(url, { ca: authority.cert })).rejects.toMatchObject({
      message:
        'The certificate of "web" is not for 127.0.0.1 (ERR_TLS_CERT_ALTNAME_INVALID): it is for CN=other, DNS:api.internal, issued by CN=An Authority.',
      hint: expect.stringContaining('services.web.tls.serverName') as string,
    });
    expect(await found(url, { ca: authority.cert, serverName: 'api.internal' })).toBe('ready');
  });

  it('calls one that has run out a finding: nothing in the target file can mend it', async () => {
    const url = await secured(authority.issue({ name: 'api', hosts: ['127.0.0.1'], days: -1 }));
    expect(await found(url, { ca: authority.cert })).toMatch(
      /^The certificate of "web" at https:\/\/127\.0\.0\.1:\d+ has run out \(CERT_HAS_EXPIRED\): valid from /u,
    );
  });

  it('says that a certificate of our own is asked for', async () => {
    const url = await secured({ ...certificate, ca: authority.cert, requestCert: true, rejectUnauthorized: true });
    await expect(found(url, { ca: authority.cert })).rejects.toMatchObject({
      hint: expect.stringContaining('services.web.tls.cert') as string,
    });
    expect(await found(url, { ca: authority.cert, ...authority.issue({ name: 'muster' }) })).toBe('ready');
  });

  it('has nothing to say of a server that speaks no TLS, or of none', async () => {
    const plain = createPlainServer((_request, response) => response.end());
    server = plain;
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve));
    expect(await found(`https://127.0.0.1:${(plain.address() as AddressInfo).port}`, {})).toBeNull();
    expect(await found('https://127.0.0.1:1', {})).toBeNull();
  });
});
