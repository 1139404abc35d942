import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createConnection } from 'node:net';
import type { PortHolder } from './errors.ts';
import { processInfo } from './process-table.ts';

const LISTEN = '0A';

/** Pids that listen on `port`, on whatever address; null where that cannot be told (no `/proc`). */
export async function listeningPids(port: number): Promise<number[] | null> {
  if (process.platform !== 'linux') return null;
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => listeningInodes(readText(file), port)));
  if (inodes.size === 0) return [];
  await Promise.resolve();
  return readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) && holdsSocket(entry, inodes) ? [Number(entry)] : []));
}

/** Who listens on `port`, as far as this user can see. */
export async function portHolder(port: number): Promise<PortHolder | null> {
  const [pid] = (await listeningPids(port)) ?? [];
  return pid === undefined ? null : { pid, name: processInfo(pid)?.name ?? 'a process that just ended' };
}

/** What a connection attempt to 127.0.0.1 finds: `accepted`, or the error's code (`ECONNREFUSED` when nobody listens). */
export function knock(port: number, timeoutMs: number): Promise<string> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    const end = (seen: string): void => {
      socket.destroy();
      resolve(seen);
    };
    socket.setTimeout(timeoutMs, () => {
      end('ETIMEDOUT');
    });
    socket.once('connect', () => {
      end('accepted');
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code ?? error.message);
    });
  });
}

/** Inodes of the listening sockets with this local port in the text of `/proc/net/tcp` or `tcp6`. */
export function listeningInodes(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return table.split('\n').flatMap((line) => {
    const columns = line.trim().split(/\s+/);
    const inode = columns[9];
    return columns[3] === LISTEN && columns[1]?.endsWith(suffix) === true && inode !== undefined ? [inode] : [];
  });
}

function holdsSocket(pid: string, inodes: ReadonlySet<string>): boolean {
  const folder = `/proc/${pid}/fd`;
  try {
    return readdirSync(folder).some((fd) => {
      const [, inode] = /^socket:\[(\d+)\]$/.exec(readLink(`${folder}/${fd}`)) ?? [];
      return inode !== undefined && inodes.has(inode);
    });
  } catch {
    return false; // gone, or another user's
  }
}

function readLink(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // the descriptor was closed meanwhile
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // no IPv6 on this host
  }
}
