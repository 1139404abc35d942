import { randomUUID } from 'node:crypto';
import { NotMeasured, type McpSession, type SuiteRun } from '../../harness/index.ts';

/** A session of an agent of its own. Close it. Throws NotMeasured when the target does not let one in. */
export async function openSession(run: SuiteRun): Promise<McpSession> {
  const opened = await run.target.openMcp({ agent: `muster-${randomUUID().slice(0, 8)}`, workspace: run.workspace() });
  if (!opened.ok) throw new NotMeasured(`no session could be opened: ${opened.error}`);
  if (opened.value.welcomeProblem !== null) {
    await opened.value.close();
    throw new NotMeasured(`a session does not begin as bound: ${opened.value.welcomeProblem}`);
  }
  return opened.value;
}
