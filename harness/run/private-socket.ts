import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { MusterError } from '../model/errors.ts';

/** The shorter of the limits of Linux (107) and macOS (103). Node cuts longer paths without a word. */
const LONGEST_PATH_BYTES = 103;

/**
 * Listens on a unix socket that only this user may open. Close the server.
 * @throws MusterError (environment) when the path is longer than a socket's may be.
 */
export async function listenPrivately(path: string, onConnection: (socket: Socket) => void): Promise<Server> {
  requireShortPath(path);
  const server = createServer(onConnection);
  listenForOwner(server, path);
  await once(server, 'listening');
  await chmod(path, 0o600);
  return server;
}

/** The socket is made before `listen` returns: not for a moment is it open to others, whatever the umask. */
function listenForOwner(server: Server, path: string): void {
  const usual = process.umask(0o077);
  try {
    server.listen(path);
  } finally {
    process.umask(usual);
  }
}

function requireShortPath(path: string): void {
  if (Buffer.byteLength(path) <= LONGEST_PATH_BYTES) return;
  throw new MusterError(
    `The path of the control socket has ${Buffer.byteLength(path)} bytes, at most ${LONGEST_PATH_BYTES} are possible: ${path}.`,
    {
      code: 'MUSTER_SOCKET_PATH_LONG',
      blame: 'environment',
      hint: 'Set TMPDIR to a folder with a shorter path.',
    },
  );
}
