import { createServer } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';

/** A program: answers `POST /run` and JSON-RPC over any WebSocket with what it was sent. */
const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { query } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { readonly query: string };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ success: true, query }));
  });
});
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket: WebSocket) => {
  socket.on('message', (data: Buffer) => {
    const { id, params } = JSON.parse(data.toString('utf8')) as { readonly id: number; readonly params: unknown };
    socket.send(JSON.stringify({ jsonrpc: '2.0', id, result: params }));
  });
});
server.listen(0, '127.0.0.1', 8_192, () => process.send?.(server.address()));

process.on('disconnect', () => {
  for (const client of sockets.clients) client.terminate();
  server.close();
  server.closeAllConnections();
});
