import { connect } from 'node:net';
import { once } from 'node:events';
import { BaseSequencer, createVitest, type TestModule, type TestSpecification, type Vitest } from 'vitest/node';
import { openChannel } from './channel.ts';
import { CONTROL_SOCKET_ENV, type PhaseOutcome, type RunnerApi, type SupervisorApi } from './protocol.ts';

/**
 * The vitest process: a child of the supervisor, because vitest's own signal handlers exit at once and skip
 * clean-up. It runs the suites phase by phase and says what vitest saw; measurements travel from the workers
 * straight to the supervisor. Usage: `runner-main.js <package root> <suites folder relative to it>`.
 */
async function main(root: string, suitesFolder: string): Promise<void> {
  const socketPath = process.env[CONTROL_SOCKET_ENV];
  if (socketPath === undefined) throw new Error(`${CONTROL_SOCKET_ENV} is not set`); // invariant: the supervisor sets it
  const socket = connect(socketPath);
  await once(socket, 'connect');
  const vitest = await startVitest(root, suitesFolder);
  const specifications = await vitest.globTestSpecifications();
  let stop: () => void = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const channel = openChannel<SupervisorApi, RunnerApi>(socket, {
    runPhase: (suite) => runPhase({ vitest, specifications, folder: `${suitesFolder}/${suite}` }),
    shutdown: async () => stop(),
  });
  socket.on('close', stop);
  await channel.remote.runnerReady(process.pid);
  await stopped;
  await vitest.close();
  channel.close('shut down');
}

async function startVitest(root: string, suitesFolder: string): Promise<Vitest> {
  const vitest = await createVitest(
    'test',
    {
      root,
      config: false,
      watch: false,
      include: [`${suitesFolder}/*/*.test.js`],
      pool: 'forks',
      isolate: false,
      fileParallelism: false,
      sequence: { sequencer: ByName },
      maxWorkers: 1,
      retry: 0,
      allowOnly: false,
      passWithNoTests: true,
      reporters: [{}],
      testTimeout: 15 * 60_000,
      teardownTimeout: 1_000,
    },
    { logLevel: 'silent' },
  );
  await vitest.standalone();
  return vitest;
}

/** The files of a suite in the order of their names: by default it would be by their size, or by how long they took in another run. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

interface Phase {
  readonly vitest: Vitest;
  readonly specifications: readonly TestSpecification[];
  readonly folder: string;
}

async function runPhase({ vitest, specifications, folder }: Phase): Promise<PhaseOutcome> {
  const inSuite = (moduleId: string): boolean => moduleId.includes(`/${folder}/`);
  const mine = specifications.filter(({ moduleId }) => inSuite(moduleId));
  if (mine.length === 0) return { files: 0, errors: [`no test file in ${folder}`] };
  const result = await vitest.runTestSpecifications(mine, true);
  return phaseOutcome(
    result.testModules.filter(({ moduleId }) => inSuite(moduleId)),
    result.unhandledErrors,
  );
}

/** Test failures are not errors here (checks report their own absence); what no check can report is. */
function phaseOutcome(modules: readonly TestModule[], unhandled: readonly unknown[]): PhaseOutcome {
  const errors = modules.flatMap((module) => module.errors().map((error) => error.message));
  for (const error of unhandled)
    errors.push(error instanceof Error ? `unhandled: ${error.message}` : `unhandled: ${JSON.stringify(error)}`);
  return { files: modules.length, errors };
}

const [root, suitesFolder] = process.argv.slice(2);
if (root === undefined || suitesFolder === undefined) {
  process.stderr.write('usage: runner-main <package root> <suites folder>\n');
  process.exitCode = 64;
} else {
  await main(root, suitesFolder);
}
