import type { Socket } from 'node:net';
import { createServer } from 'node:net';

/**
 * A program: answers every HTTP request with two bytes as fast as Node can, so that only the generator is measured.
 * Requests without body whose head comes in one piece, as those of the generators on loopback do.
 */
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok';
const sockets = new Set<Socket>();
/** Told on request. */
let answered = 0;

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.setEncoding('latin1');
  socket.on('data', (chunk) => {
    const requests = String(chunk).split('\r\n\r\n').length - 1;
    answered += requests;
    socket.write(ANSWER.repeat(requests));
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

process.on('message', () => process.send?.(answered));
process.on('disconnect', () => {
  server.close();
  for (const socket of sockets) socket.destroy();
});
