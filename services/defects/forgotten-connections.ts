import { Client } from 'pg';
import type { Pool } from 'pg';

/** Connections that nobody uses and nobody gives back; they end with the process. */
export function forgottenConnections(pool: Pool, connectionString: string): { open(): void } {
  const opened: Client[] = [];
  const end = pool.end.bind(pool);
  Object.assign(pool, {
    end: async () => {
      await Promise.all(opened.map((client) => client.end().catch(() => undefined)));
      await end();
    },
  });
  return {
    open: () => {
      const client = new Client({ connectionString, application_name: 'gateway' });
      client.on('error', () => undefined);
      client.connect().catch(() => undefined);
      opened.push(client);
    },
  };
}
