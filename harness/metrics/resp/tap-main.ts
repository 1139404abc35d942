/** Says on its output which port it listens on, and goes on until it is ended. Usage: node tap-main.js <port of Redis> */
import { createTap } from './tap-server.ts';

const HOST = '127.0.0.1';
const port = Number(process.argv[2]);
const server = createTap({ host: HOST, port });
server.listen({ host: HOST, port: 0 }, () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : 0}\n`);
});
