import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections, so that none of those takes a port between its choice and its use. */
const FIRST = 10_000;
const BLOCKS = 100;
const BLOCK_SIZE = 100;

/** Test files run in processes of their own, at the same time: each has its own block. */
const block = FIRST + (process.pid % BLOCKS) * BLOCK_SIZE;
let given = 0;

/** A port of loopback that is free and that no other test takes. @throws Error when every port of the block is taken. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < BLOCK_SIZE; tries++) {
    const port = block + (given++ % BLOCK_SIZE);
    if (await isFree(port)) return port;
  }
  throw new Error(`every port from ${block} to ${block + BLOCK_SIZE - 1} is taken`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
  server.close();
  await once(server, 'close');
  return true;
}
