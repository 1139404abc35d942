import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Stands between a program and Postgres and reads what the program says. */
export interface StatementLog {
  /** As the program's DATABASE_URL. */
  readonly url: string;
  /** How often the text was in what the program has sent so far. */
  count(text: string): number;
  stop(): Promise<void>;
}

export async function startStatementLog(postgresUrl: string): Promise<StatementLog> {
  const target = new URL(postgresUrl);
  const open = new Set<Socket>();
  let sent = '';
  const server = createServer((program) => {
    const postgres = connect(Number(target.port), target.hostname);
    pair(program, postgres, open);
    program.on('data', (chunk: Buffer) => {
      sent += chunk.toString('latin1');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: Object.assign(new URL(postgresUrl), { hostname: '127.0.0.1', port: String(port) }).toString(),
    count: (text) => sent.split(text).length - 1,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

/** How many statements with the text every one of three askings brought; what was still under way from before may come between once. */
export async function fewest(log: StatementLog, text: string, ask: () => Promise<unknown>): Promise<number> {
  const counts: number[] = [];
  for (let asked = 0; asked < 3; asked++) {
    const before = log.count(text);
    await ask();
    counts.push(log.count(text) - before);
  }
  return Math.min(...counts);
}

/** Passes on what each says; when one goes, the other goes too. */
function pair(one: Socket, other: Socket, open: Set<Socket>): void {
  one.pipe(other).pipe(one);
  for (const socket of [one, other]) {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      open.delete(socket);
      one.destroy();
      other.destroy();
    });
  }
}
