import tls, { type ConnectionOptions } from 'node:tls';
import type { TlsOptions } from '../model/tls.ts';

/**
 * autocannon connects with `rejectUnauthorized: false`: whoever answers would be sent the headers, secrets and all. From here on every
 * certificate is checked in this process, whatever is asked for. Its own options are no way to say how: it copies them, and a context does
 * not survive that.
 */
export function checkCertificates(own: TlsOptions): void {
  const connect = tls.connect.bind(tls);
  const checked = (port: number, host: string, options: ConnectionOptions): tls.TLSSocket =>
    connect(port, host, { ...options, ...own, rejectUnauthorized: true });
  Object.assign(tls, { connect: checked });
}
