import { defineConfig } from 'vitest/config';

/** Tests of one of Muster's own folders; `suites/<name>/` is left out: only `muster validate` runs those, against a target. */
const OWN_TESTS = '{harness,reports,scripts,services,bench,targets,suites/support}/**';
/** Whole runs in containers, with what they measure. */
const TIMED = 'gate/providers.engine.test.ts';
const NEVER = ['**/node_modules/**', 'dist/**', 'muster-report/**'];

/** `.ci/run` counts the tests from a report in JSON; it names the file. */
const REPORT = process.env['MUSTER_TEST_REPORT'];

export default defineConfig({
  test: {
    reporters: REPORT === undefined ? ['default'] : ['default', ['json', { outputFile: REPORT }]],
    retry: 0,
    allowOnly: false,
    passWithNoTests: false,
    // What the services' own tests run of the services: `npm run coverage:services`. The probes of the defects and the fuzzing would
    // only add time.
    coverage: {
      provider: 'v8',
      include: ['services/**/*.ts'],
      exclude: ['**/*.test.ts', 'services/testing/**'],
      reporter: ['text-summary', 'json-summary'],
      reportOnFailure: true,
      // Not in the folder of a run's report: `muster validate` would rightly refuse to write there.
      reportsDirectory: 'node_modules/.cache/coverage',
      thresholds: { lines: 85 },
    },
    projects: [
      {
        test: {
          name: 'unit',
          // One process per worker instead of one per file: most of the time went into starting them.
          isolate: false,
          include: [`${OWN_TESTS}/*.test.ts`],
          exclude: [...NEVER, '**/*.int.test.ts', '**/*.gate.test.ts', '**/*.engine.test.ts'],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'int',
          include: [`${OWN_TESTS}/*.int.test.ts`],
          exclude: NEVER,
          // As above.
          isolate: false,
          globalSetup: ['services/testing/postgres-template.ts'],
          // Each file has stores and ports of its own, and mostly waits. More than two would wait for the processor instead.
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'gate',
          include: ['gate/**/*.gate.test.ts'],
          exclude: NEVER,
          fileParallelism: false,
          // Runs that mostly wait: of those that a file calls concurrent, two at a time.
          maxConcurrency: 2,
          testTimeout: 180_000,
          hookTimeout: 180_000,
          sequence: { groupOrder: 2 },
        },
      },
      // These two need a container engine and the images of scripts/images, so plain `npm test` leaves them out: `npm run test:engine`.
      {
        test: {
          name: 'engine',
          include: [`${OWN_TESTS}/*.engine.test.ts`, 'gate/**/*.engine.test.ts'],
          exclude: [...NEVER, TIMED],
          // As the int project: each file has runs and containers of its own, and mostly waits.
          maxWorkers: 2,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 3 },
        },
      },
      // What it judges takes time: it has the machine for itself.
      {
        test: {
          name: 'engine-alone',
          include: [TIMED],
          exclude: NEVER,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
