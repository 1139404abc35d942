import { randomUUID } from 'node:crypto';
import { WORK_TYPES, type Sample, type SuiteRun, type WorkType } from '../../harness/index.ts';

/** A text that nothing else of this run or of another asks. */
export interface Question {
  readonly text: string;
  readonly item: string;
  readonly sample: Sample | null;
  /** null: the target binds no types. */
  readonly type: WorkType | null;
}

const PLAIN: Sample = { texts: ['where is parcel ${item}'], body: {} };

/** `count` questions of a sample, each about an item of its own; its texts in turn. */
export function questionsOf(sample: Sample, count: number): readonly Pick<Question, 'text' | 'item'>[] {
  const pool = randomUUID();
  return Array.from({ length: count }, (_, index) => {
    const item = `${pool}-${index}`;
    return { text: (sample.texts[index % sample.texts.length] ?? '${item}').replaceAll('${item}', item), item };
  });
}

/** Questions of every bound type, as many of each; of no type when none is bound. */
export function questionsByType(run: SuiteRun, perType: number): readonly Question[] {
  const types = run.spec.bindings.economy?.types ?? {};
  const bound = WORK_TYPES.flatMap((type) => {
    const sample = types[type];
    return sample === undefined ? [] : questionsOf(sample, perType).map((question) => ({ ...question, sample, type }));
  });
  if (bound.length > 0) return bound;
  return questionsOf(PLAIN, perType * WORK_TYPES.length).map((question) => ({ ...question, sample: null, type: null }));
}
