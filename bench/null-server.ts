import type { Socket } from 'node:net';
import { createServer } from 'node:net';

/**
 * A program: answers every HTTP request with two bytes as fast as Node can, so that only the generator is measured.
 * Requests without body whose head comes in one piece, as those of the generators on loopback do.
 */
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok';
const sockets = new Set<Socket>();

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => socket.write(ANSWER.repeat(String(chunk).split('\r\n\r\n').length - 1)));
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

process.on('disconnect', () => {
  server.close();
  for (const socket of sockets) socket.destroy();
});
