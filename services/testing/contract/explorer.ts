import fc, { type Arbitrary } from 'fast-check';
import { call, curlOf, type ApiAnswer, type ApiRequest } from './call.ts';
import { nameOf, successesOf, type ApiDocument, type Operation, type Parameter, type Schema } from './document.ts';
import { collectionOf, createKnownThings } from './known-things.ts';
import { createValidator, type Validator } from './validator.ts';
import { valuesOf } from './values.ts';

export interface Tried {
  readonly request: ApiRequest;
  readonly answer: ApiAnswer;
}

export interface ExplorerOptions {
  readonly url: string;
  readonly document: ApiDocument;
  readonly seed: number;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A request with this header is done once, however often it is sent. */
const REPEATABLE = 'Idempotency-Key';
/** How many of the things that were made last are chosen from. */
const YOUNG = 6;
const ATTEMPTS = 4;
const CHANGES = new Set(['POST', 'PUT', 'PATCH']);
/** Between rounds for all operations, this many are for those only that are not reached. */
const ALL_EVERY = 8;
const UNSURE = { operation_type: 'data_validation', parameters: { records: [{ id: 'a', weight: -1 }, { weight: '' }] } };
const SCENE: readonly { readonly name: string; readonly body: unknown }[] = [
  { name: 'POST /operations', body: UNSURE },
  { name: 'POST /operations', body: UNSURE },
  { name: 'POST /operations', body: { operation: 'profile', parameters: { records: [{ id: 'a' }] } } },
];

/** Operations that succeeded one after another, on one thing, from new on. */
type Trail = readonly Operation[];

/** Asks for what a document offers, with requests made from its schemas, about things that earlier requests made. */
export class Explorer {
  /** What answers did that the document does not say. */
  readonly problems = new Set<string>();
  /** `POST /path 201`, each status that was seen. */
  readonly seen = new Set<string>();
  readonly validator: Validator;
  readonly document: ApiDocument;
  readonly #things = createKnownThings();
  /** By the path of a collection: what new things of it went through. */
  readonly #trails = new Map<string, Trail[]>();
  /** What makes a thing that its own collection does not: `execution` is made of a command. */
  readonly #makers = new Map<string, Operation>();
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #random: () => number;
  readonly #bare = new WeakMap<Schema, Arbitrary<unknown>>();
  readonly #full = new WeakMap<Schema, Arbitrary<unknown>>();
  #seed: number;

  constructor({ url, document, seed, headers = {} }: ExplorerOptions) {
    this.#url = url;
    this.#headers = headers;
    this.#seed = seed;
    this.#random = seededRandom(seed);
    this.document = document;
    this.validator = createValidator(document);
  }

  /** Calls every operation, again and again, until each success was seen or `rounds` are over. Returns what was not seen. */
  async explore(rounds: number): Promise<readonly string[]> {
    await this.#setScene();
    for (let round = 0; round < rounds; round++) {
      const missing = this.#missing();
      if (missing.length === 0) return [];
      for (const operation of round % ALL_EVERY === 0 ? this.document.operations : missing) await this.#reach(operation);
    }
    return this.unseen();
  }

  unseen(): readonly string[] {
    return this.document.operations.flatMap((operation) =>
      successesOf(operation)
        .map((status) => `${nameOf(operation)} ${status}`)
        .filter((success) => !this.seen.has(success)),
    );
  }

  async send(operation: Operation, request: ApiRequest): Promise<Tried> {
    const answer = await call(this.#url, request);
    this.seen.add(`${nameOf(operation)} ${answer.status}`);
    if (answer.status < 300) {
      this.#things.learn(operation, answer.body);
      for (const noun of operation.method === 'POST' ? idsIn(answer.body) : []) {
        if (collectionOf(rootOf(operation.path)) !== noun) this.#makers.set(noun, operation);
      }
    }
    const problem = this.validator.answerProblem(operation, answer);
    if (problem !== null) this.problems.add(`${problem}\n  ${curlOf(this.#url, request)}`);
    return { request, answer };
  }

  /** A request as the document wants it. Parameters that are given are kept. */
  build(operation: Operation, given: Readonly<Record<string, string>> = {}): ApiRequest {
    const params = { ...this.pathValues(operation), ...given };
    const query = new URLSearchParams();
    const headers: Record<string, string> = { ...this.#headers };
    for (const { name, in: where, required, schema } of operation.parameters) {
      if (where === 'path' || (!required && this.#pick([true, true, false]))) continue;
      if (where === 'query') query.set(name, this.#refer(name, this.#sample(schema)));
      // Everything that is made stays in the workspace of this exploration.
      else if (name.toLowerCase() !== 'x-workspace-id') headers[name] = String(this.#sample(schema));
    }
    const target = targetOf(operation.path, params) + (query.size === 0 ? '' : `?${query.toString()}`);
    if (operation.body === null) return { method: operation.method, target, headers };
    const body = JSON.stringify(this.validBody(operation.body));
    return { method: operation.method, target, headers: { ...headers, 'content-type': 'application/json' }, body };
  }

  validBody(schema: Schema): unknown {
    const value = this.#sample(schema, this.#pick([true, false]));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? this.#referring(value) : value;
  }

  /** Real things for the parameters of a path, mostly young ones. */
  pathValues(operation: Operation, among = YOUNG): Readonly<Record<string, string>> {
    return Object.fromEntries(
      inPath(operation).map(({ name, schema }) => {
        const known = this.candidates(operation, name).slice(-among);
        return [name, known.length === 0 ? String(this.#sample(schema)) : this.#pick(known)];
      }),
    );
  }

  /** Real things that fit a parameter of the path, newest last. */
  candidates(operation: Operation, name: string): readonly string[] {
    const schema = inPath(operation).find((parameter) => parameter.name === name)?.schema ?? {};
    return this.#things.forParameter(operation.path, name).filter((value) => this.validator.problem(schema, value) === null);
  }

  #missing(): readonly Operation[] {
    return this.document.operations.filter((operation) =>
      successesOf(operation).some((status) => !this.seen.has(`${nameOf(operation)} ${status}`)),
    );
  }

  /** What only some inputs lead to, and no schema can say which. */
  async #setScene(): Promise<void> {
    for (const { name, body } of SCENE) {
      const operation = this.document.operations.find((each) => nameOf(each) === name);
      if (operation?.body && this.validator.problem(operation.body, body) === null)
        await this.send(operation, { ...this.build(operation), body: JSON.stringify(body) });
    }
  }

  /** One try; when the state of things is in the way, tries with new things, each led further along a trail that is known to be open. */
  async #reach(operation: Operation): Promise<void> {
    if (await this.#succeeds(operation, this.pathValues(operation))) return;
    const root = rootOf(operation.path);
    const maker =
      this.document.operations.find(({ method, path }) => method === 'POST' && path === root) ?? this.#makers.get(collectionOf(root) ?? '');
    const siblings = this.document.operations.filter(({ method, path }) => CHANGES.has(method) && path !== root && rootOf(path) === root);
    const trails = this.#trails.get(root) ?? [[]];
    this.#trails.set(root, trails);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (maker !== undefined) await this.#make(maker);
      const given = this.pathValues(operation, maker === undefined ? YOUNG : 1);
      const trail = [...this.#pick(trails), ...(siblings.length === 0 || attempt === 0 ? [] : [this.#pick(siblings)])];
      if (!(await this.#follow(trail, given))) continue;
      remember(trails, trail);
      if (!(await this.#succeeds(operation, given))) continue;
      remember(trails, [...trail, operation]);
      return;
    }
  }

  /** Makes a thing; of a new one, when it is made of another. */
  async #make(maker: Operation): Promise<void> {
    const root = rootOf(maker.path);
    const parent =
      root === maker.path ? undefined : this.document.operations.find(({ method, path }) => method === 'POST' && path === root);
    if (parent !== undefined) await this.send(parent, this.build(parent));
    await this.send(maker, this.build(maker, this.pathValues(maker, parent === undefined ? YOUNG : 1)));
  }

  async #follow(trail: Trail, given: Readonly<Record<string, string>>): Promise<boolean> {
    for (const step of trail) if (!(await this.#succeeds(step, { ...this.pathValues(step), ...given }))) return false;
    return true;
  }

  async #succeeds(operation: Operation, given: Readonly<Record<string, string>>): Promise<boolean> {
    const { answer, request } = await this.send(operation, this.build(operation, given));
    const succeeded = answer.status < 400;
    if (succeeded && REPEATABLE in request.headers) await this.send(operation, request);
    return succeeded;
  }

  #sample(schema: Schema, bare = false): unknown {
    const known = bare ? this.#bare : this.#full;
    const values = known.get(schema) ?? valuesOf(schema, { resolve: this.document.resolve, bare });
    known.set(schema, values);
    const [value] = fc.sample(values, { seed: this.#seed++, numRuns: 1 });
    return value;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[Math.floor(this.#random() * choices.length)] as T;
  }

  #referring(body: object): unknown {
    return Object.fromEntries(
      Object.entries(body).map(([name, value]) => [name, typeof value === 'string' ? this.#refer(name, value) : value]),
    );
  }

  #refer(name: string, value: unknown): string {
    const known = this.#things.forProperty(name).slice(-YOUNG);
    return known.length === 0 ? String(value) : this.#pick(known);
  }
}

/** One trail to each operation is enough: those that were found first are the shortest. */
function remember(trails: Trail[], trail: Trail): void {
  const last = trail.at(-1);
  if (trails.every((known) => known.at(-1) !== last)) trails.push(trail);
}

/** `execution` for `{execution_id: ...}`. */
function idsIn(body: unknown): readonly string[] {
  return Object.keys(body ?? {}).flatMap((key) => (key.endsWith('_id') ? [key.slice(0, -3)] : []));
}

function inPath({ parameters }: Operation): readonly Parameter[] {
  return parameters.filter(({ in: where }) => where === 'path');
}

export function targetOf(path: string, params: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** Numbers from 0 to 1 that the seed alone decides (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The path up to its first parameter, which is what all operations on one thing share. */
function rootOf(path: string): string {
  return (path.split('{')[0] ?? path).replace(/\/$/, '');
}
