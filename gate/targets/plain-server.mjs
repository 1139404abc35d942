// A backend written unlike ours: bare node:http, text/plain answers, other names. PLAIN_MODE makes it misbehave, PLAIN_BASE is a path before all others.
import { createServer } from 'node:http';

const MODE = process.env.PLAIN_MODE ?? 'well';
const BASE = process.env.PLAIN_BASE ?? '';
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
  if (!request.url.startsWith(BASE)) return reply(404, 'no');
  const path = request.url.slice(BASE.length);
  if (path === '/ping') return MODE === 'never-ready' ? reply(503, 'warming up') : reply(200, { state: { overall: 'up' } });
  if (path !== '/run' || request.method !== 'POST') return reply(404, 'no');
  runs += 1;
  return (MISBEHAVIOUR[MODE] ?? run)({ request, reply, text });
}

const MISBEHAVIOUR = {
  dies: (call) => (runs > 200 ? die() : run(call)),
  hangs: () => undefined,
  resets: ({ request }) => request.socket.resetAndDestroy(),
  lies: ({ reply }) => reply(200, { done: 'yes', said: [{ text: 'something else' }] }),
};

function die() {
  process.stderr.write('out of \u001b[31mluck\u001b[0m, leaving\n');
  process.exit(7);
}

function run({ reply, text }) {
  const say = parse(text)?.say;
  if (typeof say !== 'string' || say === '' || say.length > 10_000) return reply(422, 'say is missing');
  return reply(200, { done: 'yes', said: [{ text: say }], cost: 7 });
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not JSON has no `say` either
  }
}

server.listen(Number(process.env.PORT), process.env.HOST, () => process.stdout.write(`${server.address().port}\n`));
process.on('SIGTERM', () => process.exit(0));
