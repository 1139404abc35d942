import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { READS_PLEASE, type TapReads } from './tap-server.ts';

const PATIENCE_MS = 2_000;

/** What a tap has counted so far. @param address `host:port`. @throws when it cannot be asked. */
export async function readTap(address: string): Promise<TapReads> {
  const { hostname, port } = new URL(`tcp://${address}`);
  const socket = connect({ host: hostname, port: Number(port) });
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error(`the tap at ${address} did not answer within ${PATIENCE_MS} ms`)));
  socket.end(READS_PLEASE);
  return JSON.parse(await text(socket)) as TapReads;
}
