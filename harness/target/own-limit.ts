import { MusterError } from '../model/errors.ts';

/** What a socket says when it is this machine, or this process, that has no more of something. */
const OWN_LIMITS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'this machine has no local port left for another connection to it',
  EMFILE: 'this process may not open more files',
  ENFILE: 'this machine may not open more files',
  ENOBUFS: 'this machine has no memory left for sockets',
};

/** Why a connection failed when it was our own limit: a fault of the harness, never an answer of the target. null: it was not. */
export function ownSocketLimit(error: unknown): MusterError | null {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const limit = Object.hasOwn(OWN_LIMITS, code) ? OWN_LIMITS[code] : undefined;
  if (limit === undefined) return null;
  return new MusterError(`No connection to the target could be opened (${code}): ${limit}.`, {
    code: 'MUSTER_OWN_SOCKET_LIMIT',
    blame: 'harness',
    hint: 'Raise the limit (ulimit -n, net.ipv4.ip_local_port_range), ask for less load, or spread it over more machines with --workers.',
    cause: error,
  });
}
