// A backend written unlike ours: bare node:http, text/plain answers, other names. PLAIN_MODE makes it misbehave.
import { createServer } from 'node:http';

const MODE = process.env.PLAIN_MODE ?? 'well';
let runs = 0;

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => answer(request, response, Buffer.concat(chunks).toString('utf8')));
});

function answer(request, response, text) {
  const reply = (status, body) => {
    response.writeHead(status, { 'content-type': 'text/plain' });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
  if (request.url === '/ping') return MODE === 'never-ready' ? reply(503, 'warming up') : reply(200, { state: { overall: 'up' } });
  if (request.url !== '/run' || request.method !== 'POST') return reply(404, 'no');
  runs += 1;
  if (MODE === 'dies' && runs > 200) {
    console.error('out of \u001b[31mluck\u001b[0m, leaving');
    process.exit(7);
  }
  if (MODE === 'hangs') return undefined;
  if (MODE === 'resets') return request.socket.resetAndDestroy();
  if (MODE === 'lies') return reply(200, { done: 'yes', said: [{ text: 'something else' }] });
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return reply(400, 'not JSON');
  }
  if (typeof body?.say !== 'string' || body.say === '' || body.say.length > 10_000) return reply(422, 'say is missing');
  return reply(200, { done: 'yes', said: [{ text: body.say }] });
}

server.listen(Number(process.env.PORT), process.env.HOST);
process.on('SIGTERM', () => process.exit(0));
