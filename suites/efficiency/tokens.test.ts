import { randomUUID } from 'node:crypto';
import { check, NotMeasured, scenario, WORK_SIZES, type SuiteRun } from '../../harness/index.ts';
import { growthOf, spreadOf, sum } from '../support/savings.ts';
import { textMix } from '../support/texts.ts';
import { inParallel, MODEST } from '../support/in-parallel.ts';
import { ask, counted, evidenceOf, insist, mishapsOf, tokensOf, type Metered } from './metered.ts';
import { questionsOf } from './questions.ts';

const LIMIT = { limitMs: 240_000 };
/** A soak looks for what grows: it takes more operations than a mean does. */
const SOAK_OPERATIONS = 3_000;

/** Operations that the target has to do itself: new texts, no cache, one conversation of one agent. */
const fresh = scenario(async (run) => {
  const workspace = run.workspace();
  // Of this run alone: what an earlier one said to the target is not behind this conversation.
  const agent = `efficiency-${randomUUID()}`;
  const text = textMix(run, 1);
  const work = run.target.work(null);
  const count = run.profile === 'soak' ? SOAK_OPERATIONS : run.sized({ quick: 30, full: 200 });
  const texts = Array.from({ length: count }, (_, index) => text(index));
  const all = await inParallel(texts, { width: MODEST, signal: run.signal }, async (asked) => {
    const op = randomUUID();
    const given = { text: asked, item: op, agent, workspace, op, name: op, cache: false };
    return { ...(await insist(run, () => work.served(given))), text: asked };
  });
  return { all, operations: all.filter(({ execution }) => execution.outcome === 'ok') };
});

check(
  'efficiency.tokens.self_report',
  async (run) => {
    const { all, operations, window } = await fresh(run);
    const wrong = operations.flatMap(({ text, ...one }) => {
      const { id, tokens } = one.execution;
      if (tokens === null || id === null) throw new NotMeasured('the answers carry no token count or no id');
      const found = counted(one);
      return found === tokens ? [] : [`operation ${id} ("${text.slice(0, 40)}…") reported ${tokens} tokens, the meter counted ${found}`];
    });
    const reported = sum(operations.map(({ execution }) => execution.tokens ?? 0));
    return {
      observation: { kind: 'count', trials: operations.length, count: wrong.length, examples: wrong.slice(0, 5) },
      window,
      witnesses: [
        { source: 'responses', saw: `${reported} tokens in ${operations.length} operations` },
        { source: 'meter', saw: `${wrong.length} of ${operations.length} operations differ` },
        ...mishapsOf(all),
      ],
    };
  },
  LIMIT,
);

check(
  'efficiency.tokens.per_operation',
  async (run) => {
    const { all, operations, window } = await fresh(run);
    const samples = operations.map(paidFor);
    const reported = operations.flatMap(({ execution }) => (execution.tokens === null ? [] : [execution.tokens]));
    return {
      observation: { kind: 'mean', unit: 'count', samples },
      evidence: evidenceOf(operations),
      window,
      witnesses: [
        ...(evidenceOf(operations) === 'measured'
          ? [{ source: 'meter', saw: `${sum(samples)} tokens in ${samples.length} operations` }]
          : []),
        { source: 'responses', saw: `${sum(reported)} tokens in ${reported.length} operations` },
        ...mishapsOf(all),
      ],
    };
  },
  LIMIT,
);

check(
  'efficiency.tokens.drift',
  async (run) => {
    const { all, operations, window } = await fresh(run);
    const evidence = evidenceOf(operations);
    const source = evidence === 'measured' ? 'meter' : 'responses';
    // The first ones were under way together: a conversation has nothing behind it yet when it begins.
    const samples = growthOf(operations.slice(MODEST).map(paidFor));
    const witnesses = [{ source, saw: ends(operations.map(paidFor)) }, ...mishapsOf(all)];
    return { observation: { kind: 'mean', unit: '%', samples }, evidence, window, witnesses };
  },
  LIMIT,
);

check(
  'efficiency.tokens.spread',
  async (run) => {
    const questions = questionsOf({ texts: ['assess parcel ${item}'], body: {} }, run.sized({ quick: 10, full: 40 }));
    const work = run.target.work(null);
    const asked = await inParallel(questions, { width: MODEST, signal: run.signal }, async (question) => {
      const asks: Metered[] = [];
      for (let repeat = 0; repeat < run.sized({ quick: 3, full: 10 }); repeat += 1) {
        asks.push(await ask(run, work.served, { ...question, cache: false }));
      }
      return asks;
    });
    const answered = asked.map((asks) => asks.filter(({ execution }) => execution.outcome === 'ok')).filter((asks) => asks.length > 1);
    return {
      observation: { kind: 'mean', unit: '%', samples: answered.map((asks) => spreadOf(asks.map(paidFor))) },
      evidence: evidenceOf(answered.flat()),
      witnesses: mishapsOf(asked.flat()),
    };
  },
  LIMIT,
);

for (const size of WORK_SIZES) {
  check(
    `efficiency.tokens.${size}`,
    async (run) => {
      const sample = run.spec.bindings.economy?.sizes?.[size];
      if (sample === undefined) throw new NotMeasured(`no binding \`economy.sizes.${size}\``);
      const work = run.target.work(sample);
      const questions = questionsOf(sample, run.sized({ quick: 6, full: 60 }));
      const all = await inParallel(questions, { width: MODEST, signal: run.signal }, (question) =>
        ask(run, work.served, { ...question, cache: false }),
      );
      const answered = all.filter(({ execution }) => execution.outcome === 'ok');
      return {
        observation: { kind: 'mean', unit: 'count', samples: answered.map(paidFor) },
        evidence: evidenceOf(answered),
        witnesses: mishapsOf(all),
      };
    },
    LIMIT,
  );
}

check('efficiency.compression.ratio', compression, LIMIT);

/** The same work with its context, as it is sent to the model and as it would be: pair by pair, by what the meter counted of the prompt. */
async function compression(run: SuiteRun) {
  const sample = run.spec.bindings.economy?.context;
  if (sample === undefined) throw new NotMeasured('no binding `economy.context`');
  const work = run.target.work(sample);
  const questions = questionsOf(sample, run.sized({ quick: 10, full: 60 }));
  const pairs = await inParallel(questions, { width: MODEST, signal: run.signal }, async (question) => ({
    packed: await ask(run, work.served, { ...question, cache: false }),
    raw: await ask(run, work.baseline, { ...question, cache: false }),
  }));
  const prompts = pairs
    .filter(({ packed, raw }) => packed.execution.outcome === 'ok' && raw.execution.outcome === 'ok')
    .map(({ packed, raw }) => ({ packed: counted(packed, 'prompt'), raw: counted(raw, 'prompt') }));
  return {
    observation: { kind: 'mean' as const, unit: '%' as const, samples: prompts.map(({ packed, raw }) => 1 - packed / raw) },
    witnesses: [
      {
        source: 'meter',
        saw: `${sum(prompts.map(({ packed }) => packed))} prompt tokens instead of ${sum(prompts.map(({ raw }) => raw))}`,
      },
      ...mishapsOf(pairs.flatMap(({ packed, raw }) => [packed, raw])),
    ],
  };
}

/** @throws NotMeasured when neither the meter nor the answer says. */
function paidFor(one: Metered): number {
  const found = tokensOf(one);
  if (found === null) throw new NotMeasured('the answers carry no token count, or no id to ask a meter for');
  return found;
}

function ends(all: readonly number[]): string {
  return `${all[0] ?? '?'} tokens for the first operation, ${all.at(-1) ?? '?'} for the last of ${all.length}`;
}
