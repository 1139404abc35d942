import { randomUUID } from 'node:crypto';
import { check, extract, holdsIn, NotMeasured, textIn, type SuiteRun } from '../../harness/index.ts';
import { lookUntil } from '../support/until.ts';
import { runWork, saidBy } from '../support/work-end.ts';

const WAITS_WITHIN_MS = 20_000;
/** The list a person looks at may be a moment behind. */
const LISTED_WITHIN_MS = 3_000;
const OPERATIONS = 2;

interface Attempt {
  readonly ok: boolean;
  readonly note: string;
}

check('lifecycle.escalation.low_confidence', async (run) => {
  const attempts = await Promise.all(Array.from({ length: OPERATIONS }, () => escalate(run)));
  return {
    observation: { kind: 'boolean', attempts },
    witnesses: attempts.map(({ note }) => ({ source: 'polling and the list of a person', saw: note })),
  };
});

/** An operation of low confidence: it waits for a person, says so, and is where a person looks. */
async function escalate(run: SuiteRun): Promise<Attempt> {
  const binding = run.target.requireBinding('operation');
  const { uncertain } = binding;
  if (uncertain === undefined) throw new NotMeasured('the target has no binding `operation.uncertain`');
  const workspace = run.workspace();
  const variables = { kind: binding.kinds[0] ?? 'default', op: randomUUID(), workspace };
  const patience = { withinMs: WAITS_WITHIN_MS, alsoEnds: uncertain.waiting };
  const { id, state, ended, answer } = await runWork(run, { ...binding, create: uncertain.create }, variables, patience);
  if (id === null) return { ok: false, note: `an uncertain operation was not accepted (${saidBy(answer)})` };
  const name = `operation ${id}`;
  if (!ended) return { ok: false, note: `${name} is ${state ?? 'in no readable state'} after ${WAITS_WITHIN_MS / 1000} s` };
  if (state === null || !uncertain.waiting.includes(state))
    return {
      ok: false,
      note: `${name} is uncertain and ended as ${state ?? 'nothing'} instead of waiting (${uncertain.waiting.join(' or ')})`,
    };
  if (uncertain.human !== undefined && !holdsIn(uncertain.human, answer.json))
    return { ok: false, note: `${name} is ${state}, but \`${uncertain.human}\` does not hold in its answer` };
  return listed(run, { id, state, workspace });
}

async function listed(
  run: SuiteRun,
  { id, state, workspace }: { readonly id: string; readonly state: string; readonly workspace: string },
): Promise<Attempt> {
  const rule = run.target.requireBinding('operation').uncertain?.listed;
  const name = `operation ${id} is ${state}`;
  if (rule === undefined) return { ok: true, note: `${name}; where a person would look is not bound (\`operation.uncertain.listed\`)` };
  const seen = await lookUntil(
    async () => {
      const answer = await run.target.request(rule.http, { workspace, id }, { signal: run.signal });
      const items = extract(rule.items, answer.json);
      return { answer, found: Array.isArray(items) && items.some((item: unknown) => textIn(rule.id, item) === id) };
    },
    ({ found }) => found,
    { withinMs: LISTED_WITHIN_MS, signal: run.signal },
  );
  return {
    ok: seen.found,
    note: seen.found ? `${name} and in the list of a person` : `${name}, but not in the list of a person (${saidBy(seen.answer)})`,
  };
}
