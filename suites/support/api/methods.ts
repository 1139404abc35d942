import fc from 'fast-check';
import type { Answer } from '../../../harness/index.ts';
import { inParallel, MODEST } from '../in-parallel.ts';
import type { Api } from './api.ts';
import { casesOf } from './cases.ts';
import type { ApiDocument, Operation } from './document.ts';
import { brief } from './json.ts';
import type { ApiRequest } from './request.ts';

export interface MethodsTried {
  readonly answered: number;
  /** What was not refused, as a sentence with its request. */
  readonly wrong: readonly string[];
  /** Neither refused nor accepted. */
  readonly unclear: readonly string[];
}

/** The ones that change most come first: there may be more than may be tried. */
const METHODS = ['DELETE', 'PUT', 'PATCH', 'POST', 'GET'] as const;
const REFUSED = [401, 403, 404, 405, 501];
const FOR_NOW = [429, 503, 504];

interface Undeclared {
  readonly method: string;
  readonly operation: Operation;
}

interface Trying {
  readonly seed: number;
  readonly most: number;
  readonly signal: AbortSignal;
}

/** Methods that the document does not name for a path: each must be refused. */
export async function tryMethods(api: Api, { seed, most, signal }: Trying): Promise<MethodsTried> {
  const tried = await inParallel(undeclaredIn(api.document).slice(0, most), { width: MODEST, signal }, async (undeclared) => {
    const request = requestOf(api, undeclared, seed);
    if (request === null) return null;
    const answer = await api.send(request);
    const name = `${undeclared.method} ${undeclared.operation.path}`;
    const unread = unreadBy(answer, isThere(api, undeclared.operation));
    if (unread !== null) return { kind: 'unread', said: `${name} ${unread}` } as const;
    const said = `${name} is not in the document and was answered with ${answer.status}`;
    const kind = kindOf(answer.status ?? 0);
    return { kind, said: kind === 'wrong' ? `${said}: ${brief(answer.json ?? answer.text, 120)}. ${api.curl(request)}` : said };
  });
  const answered = tried.filter((one) => one !== null && one.kind !== 'unread').length;
  const saidOf = (...kinds: readonly string[]) => tried.flatMap((one) => (one !== null && kinds.includes(one.kind) ? [one.said] : []));
  return { answered, wrong: saidOf('wrong'), unclear: saidOf('unread', 'unclear') };
}

/** Why an answer does not tell whether there is such a method; null: it does. */
function unreadBy({ status, error }: Answer, isKnown: boolean): string | null {
  if (status === null) return `got no answer (${error ?? 'nothing'})`;
  if (FOR_NOW.includes(status)) return `was put off with ${status}`;
  return status === 404 && !isKnown ? 'was answered with 404, as every method would be where nothing is' : null;
}

function kindOf(status: number): 'refused' | 'wrong' | 'unclear' {
  if (REFUSED.includes(status)) return 'refused';
  return status < 300 || status >= 500 ? 'wrong' : 'unclear';
}

/** Whether every place of the path can be filled with something that was made here: what is not there is not found by any method. */
function isThere({ things }: Api, { path, parameters }: Operation): boolean {
  return parameters.every((parameter) => parameter.in !== 'path' || things.forParameter(path, parameter.name).length > 0);
}

/** By method: the same for every path, then the next. */
function undeclaredIn(document: ApiDocument): readonly Undeclared[] {
  const paths = new Map(document.operations.map((operation) => [operation.path, operation]));
  const declares = (path: string, method: string): boolean =>
    described(document).some((other) => other.path === path && other.method === method);
  return METHODS.flatMap((method) =>
    [...paths.values()].filter(({ path }) => !declares(path, method)).map((operation) => ({ method, operation })),
  );
}

/** Those that are never asked as well. */
function described({ operations, leftOut }: ApiDocument): readonly Operation[] {
  return [...operations, ...leftOut];
}

/** null when another path of the document, one with a parameter in its place, takes this method here. */
function requestOf(api: Api, { method, operation }: Undeclared, seed: number): ApiRequest | null {
  const making = { ...api, headers: { ...api.headers, ...api.credentials } };
  const [plain] = fc.sample(casesOf({ ...operation, body: null }, 'bare', making), { seed, numRuns: 1 });
  if (plain === undefined) return null;
  const { request } = plain;
  const path = request.path.split('?')[0] ?? '';
  if (described(api.document).some((other) => other.method === method && templateOf(other.path).test(path))) return null;
  const takesBody = method !== 'GET' && method !== 'DELETE';
  return { ...request, method, ...(takesBody ? { body: '{}', headers: { ...request.headers, 'content-type': 'application/json' } } : {}) };
}

function templateOf(path: string): RegExp {
  const segments = path.split(/\{[^}]*\}/).map((text) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${segments.join('[^/]+')}$`);
}
