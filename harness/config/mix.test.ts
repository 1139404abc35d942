import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigFolder, createConfigFolder, MINIMAL } from './testing/config-folder.ts';

const BOUND = `${MINIMAL}bindings:\n  execute: { http: POST /run, outcome: { ok: done } }\n  events: { ws: /events, type: type, appended: a, key: key, value: v }\n`;

let folder: ConfigFolder;

beforeEach(async () => {
  folder = await createConfigFolder();
});

afterEach(async () => {
  await folder[Symbol.asyncDispose]();
});

describe('workload.mix', () => {
  it('is the work of the target, without what weighs nothing; a config replaces it as a whole', async () => {
    const alone = { 't.yaml': `${BOUND}workload: { mix: { execute: 8, stream: 0 } }\n` };
    const { target, notes } = await folder.load(alone, { targetFile: 't.yaml' });
    expect([target.workload.mix, notes]).toEqual([{ execute: 8 }, []]);
    const replaced = await folder.load({ ...alone, 'muster.config.yaml': 'target: t.yaml\nworkload: { mix: { execute: 0.5 } }\n' });
    expect(replaced.target.workload.mix).toEqual({ execute: 0.5 });
    expect(replaced.provenance.get('target.workload.mix.execute')).toBe('file:muster.config.yaml');
  });

  it('names kinds of work that exist, and says what was meant', async () => {
    const text = await folder.mistakes({ 't.yaml': `${BOUND}workload: { mix: { exceute: 8 } }\n` }, { targetFile: 't.yaml' });
    expect(text).toContain(
      'workload.mix.exceute: is no kind of work - did you mean "execute"? (allowed: execute, operation, register.append, mcp, events, stream)',
    );
  });

  it('asks for every binding a kind of work needs, in the config and its profiles too', async () => {
    const text = await folder.mistakes({
      't.yaml': BOUND,
      'muster.config.yaml': 'target: t.yaml\nprofiles:\n  quick: { workload: { mix: { events: 1 } } }\nworkload: { mix: { mcp: 1 } }\n',
    });
    expect(text).toMatch(/muster\.config\.yaml:\d+ workload\.mix\.mcp: needs the binding `mcp`/);
    expect(text).toMatch(/profiles\.quick\.workload\.mix\.events: needs the binding `register`/);
  });

  it('does some work', async () => {
    const text = await folder.mistakes({ 't.yaml': `${BOUND}workload: { mix: { execute: 0 } }\n` }, { targetFile: 't.yaml' });
    expect(text).toContain('workload.mix: has no work: every weight is 0');
  });
});
