// A small backend for stacks that stay up: an execute and a register, all in memory. KEPT_MODE makes it die at its start.
import { createServer } from 'node:http';

const logs = new Map();
const token = process.env.KEPT_TOKEN ?? '';

if (process.env.KEPT_MODE === 'dies') {
  process.stdout.write('loading the model\n');
  process.stderr.write('the model is \u001b[31mmissing\u001b[0m, leaving\n');
  process.exit(3);
}

const ROUTES = {
  'GET /ping': () => ({ up: true }),
  'POST /run': ({ say }) => ({ done: 'yes', said: say }),
  'POST /key': ({ name }) => ({ key: name }),
  'POST /append': ({ key, value }) => {
    logs.set(key, [...(logs.get(key) ?? []), { value }]);
    return { ok: true };
  },
  'POST /read': ({ key }) => ({ items: logs.get(key) ?? [] }),
};

createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const route = ROUTES[`${request.method} ${request.url}`];
  response.writeHead(route === undefined ? 404 : 200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(route === undefined ? {} : route(text === '' ? {} : JSON.parse(text))));
}).listen(Number(process.env.PORT), process.env.HOST);

process.stdout.write(`listening, token=${token}\n`);
process.on('SIGTERM', () => process.exit(0));
