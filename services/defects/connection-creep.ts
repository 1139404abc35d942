import type { Seams } from '../gateway/seams.ts';
import { forgottenConnections } from './forgotten-connections.ts';

const EVERY = 300;

/** Every so often somebody opens a connection of his own and forgets it. */
export const CONNECTION_CREEP: Partial<Seams> = {
  pool: (pool, { databaseUrl }) => {
    const more = forgottenConnections(pool, databaseUrl);
    let uses = 0;
    pool.on('acquire', () => {
      uses++;
      if (uses % EVERY === 0) more.open();
    });
    return pool;
  },
};
