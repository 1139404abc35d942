import fc from 'fast-check';
import { NotMeasured } from '../../../harness/index.ts';
import { casesOf, kindsOf, type Case, type CaseKind } from './cases.ts';
import type { Api } from './api.ts';
import type { Operation } from './document.ts';
import { judge, type Finding, type FindingKind, type Judged } from './findings.ts';

export interface Effort {
  readonly seed: number;
  /** Most requests, those that look for a smaller case included. */
  readonly requests: number;
  /** No further cases are begun after it. */
  readonly withinMs: number;
  readonly signal: AbortSignal;
}

export interface Explored {
  readonly requests: number;
  /** Requests that got a definite answer, or none where one was due. */
  readonly settled: number;
  /** Answers that were held against the document. */
  readonly held: number;
  readonly findings: readonly Finding[];
  /** How often each status came. */
  readonly statuses: ReadonlyMap<string, number>;
  /** Operations that were not asked: the effort was used up. */
  readonly unasked: readonly string[];
  /** What the document does not speak of, or speaks of in schemas that cannot be read. */
  readonly notes: ReadonlySet<string>;
}

const LANES = 6;
/** Requests that look for a smaller case of one finding. */
const SHRINKING = 25;

interface Task {
  readonly operation: Operation;
  readonly kind: CaseKind;
  readonly seed: number;
}

/** Asks every operation of the document in every kind that it can be asked, and holds the answers against it. */
export async function explore(api: Api, effort: Effort): Promise<Explored> {
  const exploration = new Exploration(api, effort);
  await exploration.run();
  return exploration.explored();
}

class Exploration {
  readonly #api: Api;
  readonly #effort: Effort;
  readonly #endsAt: number;
  #requests = 0;
  #settled = 0;
  #held = 0;
  readonly #findings: Finding[] = [];
  readonly #claimed = new Set<string>();
  readonly #statuses = new Map<string, number>();
  readonly #asked = new Set<string>();
  readonly #notes = new Set<string>();

  constructor(api: Api, effort: Effort) {
    this.#api = api;
    this.#effort = effort;
    this.#endsAt = performance.now() + effort.withinMs;
  }

  async run(): Promise<void> {
    // First what makes things, so that there are some to ask about; each by its plainest request.
    for (const task of this.#makers()) await this.#attempts(task, 1);
    const tasks = this.#tasks();
    const perTask = Math.max(1, Math.floor((this.#effort.requests - this.#requests) / Math.max(1, tasks.length)));
    const queue = [...tasks];
    const lane = async (): Promise<void> => {
      for (let task = queue.shift(); task !== undefined && !this.#isOver(); task = queue.shift()) await this.#attempts(task, perTask);
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    if (this.#effort.signal.aborted) throw new NotMeasured('the requests made from the document were cut off by a time limit');
  }

  explored(): Explored {
    return {
      requests: this.#requests,
      settled: this.#settled,
      held: this.#held,
      findings: this.#findings,
      statuses: this.#statuses,
      unasked: this.#api.document.operations.map(({ name }) => name).filter((name) => !this.#asked.has(name)),
      notes: this.#notes,
    };
  }

  #makers(): readonly Task[] {
    const makers = this.#api.document.operations.filter(({ method }) => method === 'POST');
    const byDepth = makers.toSorted((a, b) => a.path.split('/').length - b.path.split('/').length);
    return byDepth.map((operation, index) => ({ operation, kind: 'bare', seed: this.#effort.seed + index }));
  }

  /** Every operation plainly before any of them oddly, and what ends things after what looks at them. */
  #tasks(): readonly Task[] {
    const tasks = this.#api.document.operations.flatMap((operation, index) =>
      kindsOf(operation).map((kind, order) => ({ operation, kind, order, seed: this.#effort.seed + index * 16 + order })),
    );
    const rank = ({ operation, order }: (typeof tasks)[number]): number => order * 2 + (operation.method === 'DELETE' ? 1 : 0);
    return tasks.toSorted((a, b) => rank(a) - rank(b));
  }

  #isOver(): boolean {
    return this.#requests >= this.#effort.requests || performance.now() > this.#endsAt || this.#effort.signal.aborted;
  }

  /** Until the cases are used up, once more without what was found: one mistake must not hide the other. */
  async #attempts(task: Task, numRuns: number): Promise<void> {
    for (let found = await this.#check(task, numRuns); found !== null; found = await this.#check(task, numRuns)) {
      this.#findings.push(found);
      if (numRuns === 1 || this.#isOver()) return;
    }
  }

  /** The first finding that nobody else has, with its smallest request. */
  async #check({ operation, kind, seed }: Task, numRuns: number): Promise<Finding | null> {
    let smallest: Finding | null = null;
    let tries = 0;
    const attempt = async (sent: Case): Promise<boolean> => {
      if (this.#isOver() || (smallest !== null && (tries += 1) > SHRINKING)) return true;
      const { kind: what, why } = await this.#ask(operation, sent);
      if (what === 'right' || what === 'unread') return true;
      if (smallest === null ? !this.#claims(operation, what) : smallest.kind !== what) return true;
      smallest = { kind: what, operation: operation.name, why, curl: this.#api.curl(sent.request) };
      return false;
    };
    const { things, values, headers, credentials } = this.#api;
    const cases = casesOf(operation, kind, { things, values, headers: { ...headers, ...credentials } });
    const { errorInstance } = await fc.check(fc.asyncProperty(cases, attempt), { seed, numRuns });
    // What was thrown is our own fault, and must not pass for a request that showed nothing.
    if (smallest === null && errorInstance instanceof Error) throw errorInstance;
    return smallest;
  }

  /** What cannot be sent, or is larger than we read, says nothing of the target. */
  #unexchanged({ name }: Operation, error: unknown): null {
    const isOurs =
      error instanceof Error && 'code' in error && ['MUSTER_INVALID_REQUEST', 'MUSTER_ANSWER_TOO_LARGE'].includes(String(error.code));
    if (!isOurs) throw error;
    this.#notes.add(`${name}: ${error.message}`);
    return null;
  }

  /** Each kind of mistake is looked into once per operation, however many meet it at the same time. */
  #claims({ name }: Operation, kind: FindingKind): boolean {
    const claim = `${name} ${kind}`;
    const isNew = !this.#claimed.has(claim);
    this.#claimed.add(claim);
    return isNew;
  }

  async #ask(operation: Operation, sent: Case): Promise<Judged> {
    this.#requests += 1;
    this.#asked.add(operation.name);
    const answer = await this.#api.send(sent.request).catch((error: unknown) => this.#unexchanged(operation, error));
    if (answer === null || this.#effort.signal.aborted) return { kind: 'unread', why: '', isHeld: false };
    const judged = judge(operation, sent, answer, this.#api);
    const status = String(answer.status ?? 'none');
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    if (judged.kind !== 'unread') this.#settled += 1;
    if (judged.isHeld) this.#held += 1;
    if (judged.kind === 'right' && judged.why !== '') this.#notes.add(judged.why);
    if (answer.outcome === 'ok') this.#api.things.learn(operation, answer.json);
    return judged;
  }
}
