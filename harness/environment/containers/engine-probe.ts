import { get, type RequestOptions } from 'node:http';
import { connect } from 'node:net';
import { messageOf } from '../../model/errors.ts';

/** A socket of this host takes a connection or refuses it at once; only this process or a full queue may be late. */
const HERE_MS = 1_000;
const ELSEWHERE_MS = 500;
/** How long an engine that took the connection may take to say that it is there. */
const ANSWER_MS = 2_000;

/** Where a connection goes, as `net.connect` takes it. */
type Place = { readonly path: string } | { readonly host: string; readonly port: number };

/**
 * Why no engine answers at an address; null when one does. Loads nothing that a run without containers does not have, and never
 * rejects. An engine of this host that is gone costs a few milliseconds, one that takes connections and is silent two seconds.
 */
export async function whyAbsent(address: string): Promise<string | null> {
  const place = placeOf(address);
  if (place === null) return 'this is no address of an engine';
  const isHere = 'path' in place;
  try {
    await connected(place, isHere ? HERE_MS : ELSEWHERE_MS);
    // Behind TLS the answer is the client's business.
    if (!address.startsWith('https:')) await answered(isHere ? { socketPath: place.path } : place);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : messageOf(error);
  }
}

function placeOf(address: string): Place | null {
  if (address.startsWith('unix://')) return { path: address.slice('unix://'.length) };
  if (!URL.canParse(address)) return null;
  const { hostname, port } = new URL(address);
  return hostname === '' ? null : { host: hostname, port: Number(port || '2375') };
}

function connected(place: Place, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(place);
    const late = setTimeout(() => socket.destroy(new Error(`no connection within ${String(withinMs)} ms`)), withinMs);
    socket.once('connect', () => {
      resolve();
      socket.destroy();
    });
    socket.once('error', reject);
    socket.once('close', () => clearTimeout(late));
  });
}

/** Any answer will do: an engine that refuses this question is there. */
function answered(place: Pick<RequestOptions, 'socketPath' | 'host' | 'port'>): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ ...place, path: '/_ping', agent: false }, (response) => {
      response.destroy();
      resolve();
    });
    const late = setTimeout(() => request.destroy(new Error(`no answer within ${String(ANSWER_MS)} ms`)), ANSWER_MS);
    request.once('error', reject);
    request.once('close', () => clearTimeout(late));
  });
}
