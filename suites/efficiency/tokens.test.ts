import { check, NotMeasured, scenario } from '../../harness/index.ts';
import { executeOnce } from '../support/execute-load.ts';
import { textMix } from '../support/texts.ts';

interface Operation {
  readonly id: string;
  readonly tokens: number;
  readonly text: string;
}

/** Operations that the target has to do itself: new texts, no cache. */
const fresh = scenario(async (run) => {
  const workspace = run.workspace();
  const text = textMix(run, 1);
  const operations: Operation[] = [];
  for (let index = 0; index < run.sized({ quick: 30, full: 200 }) && !run.signal.aborted; index += 1) {
    const asked = text(index);
    const answer = await executeOnce(run, { text: asked, agent: 'efficiency', workspace, cache: false });
    if (answer.outcome !== 'ok') continue;
    if (answer.tokens === null || answer.id === null) throw new NotMeasured('the answers carry no token count or no id');
    operations.push({ id: answer.id, tokens: answer.tokens, text: asked });
  }
  return { operations };
});

const LIMIT = { limitMs: 240_000 };

check(
  'efficiency.tokens.self_report',
  async (run) => {
    const { operations, window } = await fresh(run);
    const wrong: string[] = [];
    let compared = 0;
    for (const { id, tokens, text } of operations) {
      const metered = await run.target.meter.read(id);
      if (metered.tokens === null)
        throw new NotMeasured(
          `the meter knows nothing of operation ${id}: ${metered.answer.error ?? `status ${metered.answer.status ?? 'none'}`}`,
        );
      compared += 1;
      if (metered.tokens !== tokens)
        wrong.push(`operation ${id} ("${text.slice(0, 40)}…") reported ${tokens} tokens, the meter counted ${metered.tokens}`);
    }
    return {
      observation: { kind: 'count', trials: compared, count: wrong.length, examples: wrong.slice(0, 5) },
      window,
      witnesses: [
        {
          source: 'responses',
          saw: `${operations.reduce((sum, { tokens }) => sum + tokens, 0)} tokens in ${operations.length} operations`,
        },
        { source: 'meter', saw: `${wrong.length} of ${compared} operations differ` },
      ],
    };
  },
  LIMIT,
);

check(
  'efficiency.tokens.per_operation',
  async (run) => {
    const { operations, window } = await fresh(run);
    return { observation: { kind: 'mean', unit: 'count', samples: operations.map(({ tokens }) => tokens) }, window };
  },
  LIMIT,
);
