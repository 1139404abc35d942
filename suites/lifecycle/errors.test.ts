import { randomUUID } from 'node:crypto';
import { check, NotMeasured } from '../../harness/index.ts';
import { badBodies } from '../support/bad-input.ts';

const PATIENCE_MS = 5_000;

check('lifecycle.errors.no_5xx', async (run) => {
  const http = run.spec.bindings.execute?.http;
  if (http === undefined) throw new NotMeasured('the target has no binding `execute`');
  const wrong: string[] = [];
  const requests = badBodies(http.body);
  for (const { name, body } of requests) {
    const op = randomUUID();
    const variables = { text: 'muster', cache: false, agent: 'muster', workspace: run.workspace(), op, name: op };
    const answer = await run.target.request({ ...http, body }, variables, {
      timeoutMs: PATIENCE_MS,
      signal: run.signal,
      lastOnConnection: true,
    });
    const status = answer.status ?? 0;
    if (status >= 400 && status < 500) continue;
    wrong.push(`${http.method} ${http.path} with ${name} was answered with ${answer.status ?? answer.error ?? 'nothing'}`);
  }
  return {
    observation: { kind: 'count', trials: requests.length, count: wrong.length, examples: wrong.slice(0, 5) },
    witnesses: [{ source: 'responses', saw: `${requests.length - wrong.length} of ${requests.length} bad requests refused with 4xx` }],
  };
});
