import type { Socket } from 'node:net';
import { createServer } from 'node:net';

/** A program: answers at once and keeps when each request was read; sends that list when asked by a message, and begins a new one. */
const ANSWER = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';
const sockets = new Set<Socket>();
let arrivedMs: number[] = [];

const server = createServer({ noDelay: true }, (socket) => {
  sockets.add(socket);
  socket.on('data', () => {
    arrivedMs.push(performance.now());
    socket.write(ANSWER);
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => sockets.delete(socket));
});
server.listen(0, '127.0.0.1', () => process.send?.(server.address()));

process.on('message', () => {
  process.send?.(arrivedMs);
  arrivedMs = [];
});
process.on('disconnect', () => {
  server.close();
  for (const socket of sockets) socket.destroy();
});
