import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigFolder, createConfigFolder, MINIMAL } from './testing/config-folder.ts';

let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

const target = (bindings: string): Readonly<Record<string, string>> => ({ 't.yaml': `${MINIMAL}bindings:\n${bindings}` });

describe('time budgets', () => {
  it('arrive in the model: stages as a path or as a kind of execution, classes as requests', async () => {
    const stages = `{ match: took.match, hybrid: { ms: took.all, text: 'both \${text}' } }`;
    const { target: built } = await folder.load(
      target(
        `  execute: { http: POST /run, outcome: { ok: done, stages: ${stages} } }\n  classes: { simple: { http: 'GET /ask?q=\${text}', ok: done } }\nworkload: { soak: 2h }\n`,
      ),
      { targetFile: 't.yaml' },
    );
    expect(built.bindings.execute?.outcome.stages).toEqual({
      match: { ms: 'took.match', text: null },
      hybrid: { ms: 'took.all', text: 'both ${text}' },
    });
    expect(built.bindings.classes).toMatchObject({ simple: { http: { method: 'GET', path: '/ask?q=${text}' }, ok: 'done' } });
    expect(built.workload.soakMs).toBe(7_200_000);
  });

  it('name stages and classes that exist, services of the target and variables that are given, all mistakes at once', async () => {
    const text = await folder.mistakes(
      target(
        `  execute: { http: POST /run, outcome: { ok: done, stages: { matsh: took } } }\n  classes:\n    health: { http: GET /h, service: nowhere, ok: up }\n    simple: { http: 'GET /\${txt}', ok: up }\n    hard: { http: GET /h, ok: up }\n`,
      ),
      { targetFile: 't.yaml' },
    );
    expect(text).toMatch(/matsh.*match/u);
    expect(text).toMatch(/bindings\.classes\.hard/u);
    expect(text).toContain('bindings.classes.health.service: "nowhere" names no http service of this target');
    expect(text).toMatch(/bindings\.classes\.simple\.http: .*uses \$\{txt\}, which `classes` is not given/u);
  });
});
