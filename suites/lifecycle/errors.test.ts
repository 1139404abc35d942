import { randomUUID } from 'node:crypto';
import { check, holdsIn } from '../../harness/index.ts';
import { badBodies } from '../support/bad-input.ts';

const PATIENCE_MS = 5_000;

check('lifecycle.errors.no_5xx', async (run) => {
  const binding = run.target.requireBinding('execute');
  const { http } = binding;
  const wrong: string[] = [];
  const requests = badBodies(http.body);
  for (const { name, body, mustBeRefused } of requests) {
    const op = randomUUID();
    const variables = { text: 'muster', cache: false, agent: 'muster', workspace: run.workspace(), op, name: op };
    const answer = await run.target.request({ ...http, body }, variables, {
      timeoutMs: PATIENCE_MS,
      signal: run.signal,
      lastOnConnection: true,
    });
    const accepted = answer.outcome === 'ok' && holdsIn(binding.outcome.ok, answer.json);
    const definite = answer.status !== null && answer.status < 500;
    if (definite && !(accepted && mustBeRefused)) continue;
    wrong.push(`${http.method} ${http.path} with ${name} was answered with ${answer.status ?? answer.error ?? 'nothing'}`);
  }
  return {
    observation: { kind: 'count', trials: requests.length, count: wrong.length, examples: wrong.slice(0, 5) },
    witnesses: [
      { source: 'responses', saw: `${requests.length - wrong.length} of ${requests.length} bad requests answered as they must be` },
    ],
  };
});
