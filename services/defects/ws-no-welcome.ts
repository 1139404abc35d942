import type { Seams } from '../gateway/seams.ts';

/** Connections are taken, and told nothing. */
export const WS_NO_WELCOME: Partial<Seams> = { welcome: () => () => [] };
