import { describe, expect, it } from 'vitest';
import type { RunPlan } from '../../harness/model/plan.ts';
import { engineFindings, providerFindings } from './doctor-providers.ts';

const NOWHERE = { DOCKER_HOST: 'unix:///nowhere/docker.sock' };
const SIGHT = {
  engine: { found: false, text: 'no container engine answers at unix:///nowhere/docker.sock (ENOENT)' },
  compose: { found: true, text: 'compose 2.26.1 (docker compose)' },
};

const planFor = (provider: RunPlan['provider']): RunPlan => ({
  runId: 'run-1',
  seed: 1,
  profile: 'quick',
  provider,
  target: {
    name: 'empty',
    subject: { version: null, commit: null },
    services: [],
    compose: null,
    bindings: {},
    stores: { tables: [], migrations: null },
    workload: { agents: 1, ratePerSecond: 1, distinctTexts: 1, mix: null, soakMs: 600_000 },
    claims: [],
  },
  allow: { hosts: [], faults: false },
  suites: [],
  criteria: [],
  selected: [],
  deadlineMs: 1,
  sources: [],
  outDir: '/nowhere',
});

const told = async (provider: RunPlan['provider']) =>
  (await providerFindings(planFor(provider), SIGHT, NOWHERE)).map(({ level, area, text }) => `${level} ${area}: ${text}`);

describe('what doctor says about providers', () => {
  it('is said of each, with what auto takes and why', async () => {
    expect(await told('auto')).toEqual([
      'note provider: containers does not suit: no engine answers at unix:///nowhere/docker.sock (ENOENT)',
      'ok provider: local suits: every service has a command',
      'note provider: compose does not suit: the target names no compose file',
      'ok provider: external suits: every service has a `url`',
      'ok provider: a run takes local: chosen by auto because every service has a command; not containers: no engine answers at unix:///nowhere/docker.sock (ENOENT)',
    ]);
  });

  it('is a problem of the machine when the one that was asked for needs an engine and there is none', async () => {
    const texts = await told('containers');
    expect(texts).toContain('warning provider: containers does not suit: no engine answers at unix:///nowhere/docker.sock (ENOENT)');
    expect(texts).toContain(`problem machine: containers was asked for: ${SIGHT.engine.text}`);
  });

  it('is a problem of the machine, too, when compose was asked for and there is no engine', async () => {
    const plan = planFor('compose');
    const composed = { ...plan, target: { ...plan.target, compose: { files: ['/compose.yml'], profiles: [] } } };
    const findings = await providerFindings(composed, SIGHT, NOWHERE);
    expect(findings.filter(({ level }) => level === 'problem').map(({ area, text }) => `${area}: ${text}`)).toEqual([
      `machine: compose was asked for: ${SIGHT.engine.text}`,
    ]);
    expect(findings.map(({ text }) => text)).toContain(`compose does not suit: the target names a compose file, but ${SIGHT.engine.text}`);
  });

  it('is a problem when the one that was asked for cannot run this target', async () => {
    const texts = await told('compose');
    expect(texts).toContain('problem provider: compose does not suit: the target names no compose file');
    expect(texts.filter((text) => text.includes('a run takes'))).toEqual([]);
  });

  it('harms nobody who asks for neither', () => {
    expect(engineFindings(SIGHT).map(({ level, fix }) => [level, fix === null])).toEqual([
      ['note', false],
      ['ok', true],
    ]);
  });
});
