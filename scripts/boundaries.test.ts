import { describe, expect, it } from 'vitest';
import { boundaryViolations } from './boundaries.ts';

const problems = (path: string, ...lines: readonly string[]): string[] =>
  boundaryViolations([{ path, text: lines.join('\n') }]).map((violation) => `${violation.path}:${violation.line} ${violation.message}`);

describe('direction of dependencies', () => {
  it.each([
    ['harness/load/engine.ts', '../model/clock.ts'],
    ['harness/load/engine.ts', './pacer.ts'],
    ['harness/faults/kill.ts', '../environment/local.ts'],
    ['harness/evidence/manifest.ts', '../decision/index.ts'],
    ['harness/run/judge.ts', '../decision/index.ts'],
    ['harness/index.ts', './run/check.ts'],
    ['suites/database/pool.test.ts', '../support/stores.ts'],
    ['suites/database/pool.test.ts', '../../harness/index.ts'],
    ['suites/support/stores.ts', '../../harness/index.ts'],
    ['reports/html/page.ts', '../format.ts'],
    ['scripts/commands/validate.ts', '../../suites/support/declared.ts'],
    ['scripts/commands/validate.ts', '../../harness/supervisor.ts'],
    ['gate/healthy.gate.test.ts', '../harness/run/judge.ts'],
  ])('%s may import %s', (path, specifier) => {
    expect(problems(path, `import { x } from '${specifier}';`)).toEqual([]);
  });

  it.each([
    ['harness/model/record.ts', '../load/index.ts', 'harness/model may not import harness/load/index.ts; it may import nothing of ours'],
    ['harness/load/engine.ts', '../faults/kill.ts', 'harness/load may not import harness/faults/kill.ts; it may import harness/model'],
    ['reports/json.ts', '../harness/index.ts', 'reports may not import harness/index.ts; it may import harness/model'],
    [
      'services/agent/main.ts',
      '../../harness/model/clock.ts',
      'services may not import harness/model/clock.ts; it may import nothing of ours',
    ],
    [
      'suites/database/pool.test.ts',
      '../../harness/run/check.ts',
      'suites may not import harness/run/check.ts; it may import harness/index.ts, suites/support',
    ],
    [
      'harness/run/plan.ts',
      '../../suites/support/declared.ts',
      'harness/run may not import suites/support/declared.ts; it may import harness/*',
    ],
    [
      'scripts/muster.ts',
      '../suites/support/stores.ts',
      'scripts may not import suites/support/stores.ts; it may import harness/index.ts, harness/supervisor.ts, harness/model, reports, suites/support/declared.ts',
    ],
  ])('%s may not import %s', (path, specifier, message) => {
    expect(problems(path, `import { x } from '${specifier}';`)).toEqual([`${path}:1 ${message}`]);
  });

  it('asks for a row when a folder is new', () => {
    expect(problems('harness/magic/wand.ts', "import '../model/clock.ts';")).toEqual([
      'harness/magic/wand.ts:1 `harness/magic` is not in the table of zones: add it to scripts/boundaries.ts with what it may import',
    ]);
  });
});

describe('what counts as an import', () => {
  const IMPORT = 'import'; // apart, or this file would seem to import
  it.each([
    ['a type import', "import type { A } from '../load/a.ts';"],
    ['a re-export', "export { a } from '../load/a.ts';"],
    ['an import for its effect', "import '../load/a.ts';"],
    ['a dynamic import', `const a = await ${IMPORT}('../load/a.ts');`],
    ['an import type', `type A = ${IMPORT}('../load/a.ts').A;`],
    ['what is compiled from there', "import { a } from '../../dist/harness/load/a.js';"],
  ])('%s does', (_, line) => {
    expect(problems('harness/model/b.ts', line)).toHaveLength(1);
  });

  it('an import over several lines does, and is reported at the line of the path', () => {
    expect(problems('harness/model/b.ts', '', 'import {', '  a,', "} from '../load/a.ts';")).toEqual([
      expect.stringMatching(/^harness\/model\/b\.ts:4 /),
    ]);
  });

  it.each([
    ['an exported text', "export const TEXT = '../load/a.ts';"],
    ['a comment', "// import { a } from '../load/a.ts';"],
    ['a text that reads like one', 'const line = "import \'../load/a.ts\'";'],
  ])('%s does not', (_, line) => {
    expect(problems('harness/model/b.ts', line)).toEqual([]);
  });
});

describe('walls around packages', () => {
  it.each([
    ['harness/decision/evaluate.ts', 'vitest'],
    ['harness/load/engine.ts', 'pg'],
    ['reports/json.ts', 'ioredis'],
    ['harness/environment/local.ts', '@testcontainers/postgresql'],
    ['scripts/muster.ts', 'vitest/node'],
  ])('%s may not import %s', (path, name) => {
    expect(problems(path, `import x from '${name}';`)).toHaveLength(1);
  });

  it.each([
    ['harness/decision/evaluate.test.ts', 'vitest'],
    ['harness/run/check.ts', 'vitest'],
    ['harness/metrics/postgres-sampler.ts', 'pg'],
    ['services/agent/store.ts', 'ioredis'],
    ['harness/environment/containers.ts', 'testcontainers'],
    ['harness/load/engine.ts', 'undici'],
  ])('%s may import %s', (path, name) => {
    expect(problems(path, `import x from '${name}';`)).toEqual([]);
  });

  it('lets integration tests, and only those, use the stores made for tests', () => {
    const text = "import { scratchStore } from '../environment/testing/scratch-stores.ts';";
    expect(boundaryViolations([{ path: 'harness/metrics/a.int.test.ts', text }])).toEqual([]);
    expect(boundaryViolations([{ path: 'harness/metrics/a.ts', text }])).toHaveLength(1);
  });
});
