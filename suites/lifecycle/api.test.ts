import { check, NotMeasured, scenario, type Observed, type SuiteRun } from '../../harness/index.ts';
import { openApi } from '../support/api/api.ts';
import { securedIn, tryEntrance } from '../support/api/entrance.ts';
import { explore, type Explored } from '../support/api/explore.ts';
import type { FindingKind } from '../support/api/findings.ts';
import { tryMethods } from '../support/api/methods.ts';
import { tryRefused } from '../support/api/refused.ts';

/** The document is read once, and everything is asked in turn. */
const asking = scenario(async (run) => {
  const api = await openApi(run);
  const sizes = run.sized({ quick: { requests: 220, withinMs: 15_000 }, full: { requests: 3_000, withinMs: 120_000 } });
  return { api, explored: await explore(api, { ...sizes, seed: run.seed, signal: run.signal }) };
});

const LIMIT = { limitMs: 180_000 };

check('lifecycle.api.no_5xx', async (run) => found(run, 'broken'), LIMIT);
check('lifecycle.api.schema', async (run) => found(run, 'wrong'), LIMIT);

async function found(run: SuiteRun, kind: FindingKind): Promise<Observed> {
  const { explored, window } = await asking(run);
  const refused = [401, 403].reduce((sum, status) => sum + (explored.statuses.get(String(status)) ?? 0), 0);
  const findings = explored.findings.filter((finding) => finding.kind === kind);
  const trials = kind === 'broken' ? explored.settled : explored.held;
  if (findings.length === 0) requireAnswers(explored, { refused, trials });
  return {
    observation: {
      kind: 'count',
      trials,
      count: findings.length,
      examples: findings.slice(0, 5).map(({ operation, why }) => `${operation} ${why}`),
    },
    witnesses: [
      { source: 'the document and the responses', saw: storyOf(explored, run.seed) },
      ...findings.slice(0, 5).map(({ operation, curl }) => ({ source: `smallest request found for ${operation}`, saw: curl })),
    ],
    window,
  };
}

/** Half of the answers must say something of the input. */
function requireAnswers(
  { requests, settled, statuses }: Explored,
  { refused, trials }: { readonly refused: number; readonly trials: number },
): void {
  if (refused * 2 > requests)
    throw new NotMeasured(
      `${refused} of ${requests} requests were refused for want of credentials: \`openapi.credentials\` must name headers of one who may`,
    );
  if (![...statuses.keys()].some((status) => status.startsWith('2')))
    throw new NotMeasured(
      `not one of ${requests} requests made from the document was answered with success: see whether the path of its server fits, and what \`openapi.credentials\` may do`,
    );
  if (settled * 2 < requests || trials === 0)
    throw new NotMeasured(
      `of ${requests} requests made from the document ${settled} got an answer about themselves; the others were put off (429, 503, 504)`,
    );
}

function storyOf({ requests, statuses, unasked, notes, held }: Explored, seed: number): string {
  const counted = [...statuses].toSorted(([a], [b]) => a.localeCompare(b)).map(([status, count]) => `${status}: ${count}`);
  const left = unasked.length === 0 ? '' : `; not asked: ${unasked.slice(0, 10).join(', ')}`;
  const unspoken =
    notes.size === 0 ? '' : `; not held against it, for want of a readable description: ${[...notes].slice(0, 10).join(', ')}`;
  return `${requests} requests (seed ${seed}), answered ${counted.join(', ')}; ${held} answers held against the document${left}${unspoken}`;
}

check(
  'lifecycle.api.methods',
  async (run) => {
    const { api } = await asking(run);
    const { answered, wrong, unclear } = await tryMethods(api, {
      seed: run.seed,
      signal: run.signal,
      most: run.sized({ quick: 50, full: 1_000 }),
    });
    if (answered === 0 && unclear.length > 0)
      throw new NotMeasured(`no method that the document does not name got an answer: ${unclear[0] ?? ''}`);
    if (answered === 0) throw new NotMeasured('the document names every method for every path, so there is none to be refused');
    const rest = unclear.length === 0 ? '' : `; neither refused nor taken: ${unclear.slice(0, 5).join(', ')}`;
    return {
      observation: { kind: 'count', trials: answered, count: wrong.length, examples: wrong.slice(0, 5) },
      witnesses: [
        { source: 'responses', saw: `${answered} requests with methods that the document does not name, ${wrong.length} taken${rest}` },
      ],
    };
  },
  LIMIT,
);

check(
  'lifecycle.api.auth',
  async (run) => {
    const { api } = await asking(run);
    const secured = securedIn(api.document).length;
    if (secured === 0) throw new NotMeasured(OPEN);
    const { decided, letIn, undecided } = await tryEntrance(api, { seed: run.seed, signal: run.signal });
    if (letIn.length === 0 && undecided.length > 0)
      throw new NotMeasured(
        `whether credentials are asked for cannot be seen: ${undecided.slice(0, 5).join('; ')}. \`openapi.leaveOut\` can leave an operation out`,
      );
    return {
      observation: { kind: 'count', trials: decided, count: letIn.length, examples: letIn.slice(0, 5) },
      witnesses: [
        {
          source: 'responses',
          saw: `${secured} operations that declare security, each asked without credentials and with wrong ones: ${letIn.length} let in`,
        },
      ],
    };
  },
  LIMIT,
);

check(
  'lifecycle.api.refused',
  async (run) => {
    const { api } = await asking(run);
    const { compared, changed } = await tryRefused(api, { seed: run.seed, tries: run.sized({ quick: 3, full: 20 }), signal: run.signal });
    if (compared === 0) throw new NotMeasured(UNREADABLE);
    return {
      observation: { kind: 'count', trials: compared, count: changed.length, examples: changed.slice(0, 5) },
      witnesses: [{ source: 'reading before and after', saw: `${compared} refused requests, ${changed.length} left something behind` }],
    };
  },
  LIMIT,
);

const UNREADABLE =
  'no request with a spoiled body was refused where the same path can be read before and after it, so what a refusal leaves behind cannot be seen';
const OPEN =
  'the document declares no security for any operation, so nobody is to be refused: where that is meant, declare this criterion not applicable';
