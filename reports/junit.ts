import type { RecordCriterion, RunRecord } from '../harness/model/record.ts';
import { formatActual, formatBasis, formatDuration, formatSubject, STATE_WORDS, VERDICT_WORDS } from './format.ts';
import { isUnknown, suiteNames, worstFirst } from './ranking.ts';
import { clip, excerpt, oneLine } from './text.ts';
import { element, serialise, type XmlElement } from './xml.ts';

/** Messages are one line in every CI's list; the element's body has the whole text. */
const MESSAGE_LENGTH = 300;
const BODY_LENGTH = 8_000;

/**
 * JUnit as Jenkins' junit-10.xsd allows it (no `file` or `properties` on a testcase, times with three decimals).
 * One testcase per criterion: VIOLATED fails; what is not known is an error, never skipped, because every CI paints
 * skipped green; MARGINAL passes and says so in its output and in the suite's properties. `verdict` fails unless GO.
 */
export function renderJunit(record: RunRecord): string {
  const suites = [verdictSuite(record), ...suiteNames(record).map((name) => criteriaSuite(record, name))];
  const sum = (attribute: string): number => suites.reduce((total, suite) => total + Number(suite.attributes[attribute]), 0);
  const root = element(
    'testsuites',
    { name: 'muster', tests: sum('tests'), failures: sum('failures'), errors: sum('errors'), time: seconds(record.run.durationMs) },
    suites,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${serialise(root)}`;
}

function verdictSuite(record: RunRecord): XmlElement {
  const verdict = VERDICT_WORDS[record.verdict];
  const body = `${verdict}: ${record.reason}\nexit code ${record.exitCode}\nreproduce: ${record.run.command}`;
  const passed = record.verdict === 'GO' && record.exitCode === 0;
  const outcome = passed ? element('system-out', {}, [clip(body, BODY_LENGTH)]) : problem('failure', record.verdict, body);
  const time = seconds(record.run.durationMs);
  const testcase = element('testcase', { name: 'verdict', classname: 'muster', time }, [outcome]);
  const properties = {
    run: record.run.id,
    subject: formatSubject(record.subject),
    verdict,
    profile: record.run.profile,
    provider: record.run.provider,
    seed: String(record.run.seed),
    complete: String(record.run.complete),
  };
  return suiteElement({ name: 'muster', startMs: 0, durationMs: record.run.durationMs, record, properties, testcases: [testcase] });
}

function criteriaSuite(record: RunRecord, name: string): XmlElement {
  const suite = record.suites.find((candidate) => candidate.name === name);
  const criteria = worstFirst(record.criteria.filter((criterion) => criterion.suite === name));
  const remarkable = criteria.filter((criterion) => criterion.state === 'MARGINAL' || criterion.flaky);
  return suiteElement({
    name: `muster.${name}`,
    startMs: suite?.startMs ?? null,
    durationMs: suite?.durationMs ?? 0,
    record,
    properties: {
      planned: String(suite?.planned ?? criteria.length),
      reported: String(suite?.reported ?? 0),
      ...Object.fromEntries(remarkable.map((c) => [`state.${c.id}`, `${c.state}${c.flaky ? ' (flaky)' : ''}`])),
    },
    testcases: criteria.map(criterionCase),
  });
}

interface SuiteParts {
  readonly name: string;
  readonly startMs: number | null;
  readonly durationMs: number;
  readonly record: RunRecord;
  readonly properties: Readonly<Record<string, string>>;
  readonly testcases: readonly XmlElement[];
}

function suiteElement({ name, startMs, durationMs, record, properties, testcases }: SuiteParts): XmlElement {
  const having = (child: string): number =>
    testcases.filter((testcase) => testcase.children.some((c) => typeof c !== 'string' && c.name === child)).length;
  const timestamp = startMs === null ? {} : { timestamp: new Date(Date.parse(record.run.startedAt) + startMs).toISOString().slice(0, 19) };
  return element(
    'testsuite',
    {
      name: oneLine(name),
      tests: testcases.length,
      failures: having('failure'),
      errors: having('error'),
      skipped: having('skipped'),
      time: seconds(durationMs),
      ...timestamp,
    },
    [
      element(
        'properties',
        {},
        Object.entries(properties).map(([key, value]) => element('property', { name: oneLine(key), value: oneLine(value) })),
      ),
      ...testcases,
    ],
  );
}

function criterionCase(criterion: RecordCriterion): XmlElement {
  const { window } = criterion;
  const attributes = {
    name: oneLine(criterion.id),
    classname: `muster.${oneLine(criterion.suite)}`,
    time: seconds(window === null ? 0 : window.endMs - window.startMs),
  };
  return element('testcase', attributes, [outcomeOf(criterion)]);
}

function outcomeOf(criterion: RecordCriterion): XmlElement {
  const body = describe(criterion);
  if (criterion.state === 'VIOLATED') return problem('failure', criterion.state, body);
  if (isUnknown(criterion.state)) return problem('error', criterion.state, body);
  if (criterion.state === 'NOT_APPLICABLE') return element('skipped', { message: excerpt(criterion.reason, MESSAGE_LENGTH) });
  return element('system-out', {}, [clip(body, BODY_LENGTH)]);
}

function problem(name: 'failure' | 'error', type: string, body: string): XmlElement {
  return element(name, { type, message: excerpt(body.split('\n', 1)[0] ?? '', MESSAGE_LENGTH) }, [clip(body, BODY_LENGTH)]);
}

/** First line: the message. The rest: what a reader without the other reports needs. */
function describe(criterion: RecordCriterion): string {
  const basis = formatBasis(criterion);
  return [
    `${STATE_WORDS[criterion.state]}${criterion.flaky ? ' (flaky)' : ''}: ${oneLine(criterion.reason)}`,
    `claim: ${oneLine(criterion.claim)}`,
    `target: ${oneLine(criterion.pass)}${criterion.nogo === null ? '' : `, no-go: ${oneLine(criterion.nogo)}`}`,
    `actual: ${formatActual(criterion)}${basis === '' ? '' : ` [${basis}]`}`,
    `severity: ${criterion.severity}, effect: ${criterion.effect}, evidence: ${criterion.evidence ?? 'none'}, owner: ${oneLine(criterion.owner)}`,
    ...(criterion.blockedBy === null ? [] : [`blocked by: ${oneLine(criterion.blockedBy)}`]),
    ...criterion.witnesses.map((witness) => `witness ${oneLine(witness.source)}: ${oneLine(witness.saw)}`),
    ...(criterion.window === null
      ? []
      : [`measured from ${formatDuration(criterion.window.startMs)} to ${formatDuration(criterion.window.endMs)} of the run`]),
    `hint: ${oneLine(criterion.hint)}`,
    `reproduce: ${oneLine(criterion.reproduce)}`,
  ].join('\n');
}

function seconds(ms: number): string {
  return (Math.max(0, ms) / 1000).toFixed(3);
}
