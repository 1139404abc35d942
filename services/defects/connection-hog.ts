import type { Seams } from '../gateway/seams.ts';
import { forgottenConnections } from './forgotten-connections.ts';

const MORE = 32;

/** Beside the pool there is another one, whose connections are opened at start and never used. */
export const CONNECTION_HOG: Partial<Seams> = {
  pool: (pool, { databaseUrl }) => {
    const more = forgottenConnections(pool, databaseUrl);
    pool.once('connect', () => {
      for (let opened = 0; opened < MORE; opened++) more.open();
    });
    return pool;
  },
};
