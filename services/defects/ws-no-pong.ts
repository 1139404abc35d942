import type { Seams } from '../gateway/seams.ts';

/** The library was told that the application answers pings, and the application does not. */
export const WS_NO_PONG: Partial<Seams> = {
  sockets: (options) => ({ ...options, autoPong: false }),
};
